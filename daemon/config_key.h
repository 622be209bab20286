/*
 * The keys that a configuration file may have, as data. To add one: a row of the table, with what
 * takes and what shows its value.
 */
#ifndef TACHO_DAEMON_CONFIG_KEY_H
#define TACHO_DAEMON_CONFIG_KEY_H

#include <cjson/cJSON.h>

#include "daemon/config.h"
#include "daemon/json_text.h"

enum config_key_type {
    KEY_TEXT,
    KEY_TEXTS,
    KEY_NUMBER,
    KEY_SWITCH,   /* a boolean */
    KEY_SWITCHES, /* an object of booleans, by names that there are */
    KEY_PATTERNS, /* an object of texts, by names that there are */
    KEY_LABELS,   /* an object of texts, by names that the user gives */
    KEY_OBJECTS,  /* a list of objects, each with keys of its own */
};

struct config_key;

/* Keys of one object, sorted by path. */
struct config_key_table {
    const struct config_key *keys;
    size_t count;
};

struct config_key {
    const char *path; /* dotted: "http.hosts"; what stands before a dot is an object */
    enum config_key_type type;
    bool live;           /* a reload puts it in force; what is not takes a restart */
    size_t at_least;     /* of a list: how many */
    const char *allowed; /* for messages */
    /*
     * Takes a value of the type, of a list each of its texts, of switches each boolean and of
     * patterns and labels each text, which has its name; of objects each, before its own keys are
     * taken. 0, -EINVAL, -E2BIG or -ENOMEM.
     */
    int (*take)(const cJSON *value, struct config *config);
    /* In place of take and show, of keys that are alike: which of them it is. */
    unsigned which;
    int (*take_which)(const cJSON *value, struct config *config, unsigned which);
    cJSON *(*show_which)(const struct config *config, unsigned which);
    /* May be NULL: is told where a key stands whose value was taken, for errors that come later. */
    void (*note_place)(struct config *config, struct json_place place);
    /*
     * What is in force, for cJSON_Delete(); NULL where nothing was said and no default is fixed. A
     * key of one of several objects has none: all of them are shown at once.
     */
    cJSON *(*show)(const struct config *config);
    /* Of switches and patterns: their names in order, NULL behind the last. */
    const char *(*name)(size_t index);
    /*
     * Of objects: their keys, whose take() is about the object that was taken last, and what is
     * called behind each, which stands at the place: NULL, or what keeps it from being one.
     */
    const struct config_key_table *members;
    const char *(*end)(struct config *config, struct json_place place);
};

/* take() or show(), or what the key has in place of it. */
int config_key_take(const struct config_key *key, const cJSON *value,
                    struct config *config) MUST_CHECK;
cJSON *config_key_show(const struct config_key *key, const struct config *config);

/* The file's own. */
extern const struct config_key_table config_keys;

/*
 * The first key of the table whose path goes on behind the prefix ("" or "http.") with this name,
 * whole up to a dot or the end; NULL if none does.
 */
const struct config_key *config_key_find(const struct config_key_table *table, const char *prefix,
                                         const char *name);

/* The names that config_key_find() knows behind the prefix, with commas. May be cut. */
void config_key_list(const struct config_key_table *table, const char *prefix, char *out,
                     size_t size);

/* Whether switches have one of this name, and all their names, with commas. May be cut. */
bool config_key_has_switch(const struct config_key *key, const char *name);
void config_key_list_switches(const struct config_key *key, char *out, size_t size);

#endif
