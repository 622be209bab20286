#include "daemon/config_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/buffer.h"
#include "daemon/config_key.h"
#include "daemon/json_text.h"

#define PATH_BYTES  96  /* of a key's dotted path with an index */
#define NAME_BYTES  400 /* how much of the file's name an error repeats */
#define SHOWN_BYTES 60  /* and of a wrong value or key */

struct reading {
    const char *name; /* the file's */
    const char *text;
    struct json_text layout;
    size_t next; /* the value of the layout that comes next in the document's order */
    struct config *config;
    char *error;
    const struct config_key_table *table; /* of the object that is being read */
    const char *base;                     /* and where that is: "", "scrape[1]." */
};

/* What a file or its name holds must not break the line. */
static void make_one_line(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
    }
}

/* As much of a text, up to so many bytes, as does not end inside a UTF-8 character. */
static int shown_length(const char *text, size_t length, size_t limit)
{
    if (length <= limit)
        return (int)length;
    for (int i = 0; i < 3 && limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80; i++)
        limit--;
    return (int)limit;
}

static int fail(struct reading *reading, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct reading *reading, size_t at, const char *format, ...)
{
    struct json_place place = json_text_place(reading->text, at);
    va_list arguments;
    int used =
        snprintf(reading->error, CONFIG_ERROR_BYTES,
                 "%.*s:%zu:%zu: ", shown_length(reading->name, strlen(reading->name), NAME_BYTES),
                 reading->name, place.line, place.column);

    va_start(arguments, format);
    vsnprintf(reading->error + used, CONFIG_ERROR_BYTES - (size_t)used, format, arguments);
    va_end(arguments);
    make_one_line(reading->error);
    return -EINVAL;
}

static int fail_without_memory(struct reading *reading)
{
    snprintf(reading->error, CONFIG_ERROR_BYTES, "%.400s: %s", reading->name, strerror(ENOMEM));
    return -ENOMEM;
}

/* Whether a value is or has a URL with a user or password, however they are escaped as JSON. */
static bool has_secret(const char *text, size_t length)
{
    static const char *const starts[] = {"://", ":\\/\\/"};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const char *start = memmem(text, length, starts[i], strlen(starts[i]));
        size_t left = start ? length - (size_t)(start - text) : 0;

        if (start && (memchr(start, '@', left) || memmem(start, left, "\\u0040", 6)))
            return true;
    }
    return false;
}

/* A value that the key does not take, as it stands in the file, but for secrets: errors are logged.
 */
static int refuse(struct reading *reading, const struct config_key *key, const char *path,
                  const struct json_value *value)
{
    size_t length = value->end - value->at;
    const char *text = reading->text + value->at;

    if (has_secret(text, length))
        return fail(reading, value->key,
                    "%s%s: a URL with a user or password, not repeated here: allowed: %s",
                    reading->base, path, key->allowed);
    return fail(reading, value->key, "%s%s: %.*s%s: allowed: %s%s%s", reading->base, path,
                shown_length(text, length, SHOWN_BYTES), text, length > SHOWN_BYTES ? "..." : "",
                key->allowed, *reading->config->refusal ? "; " : "", reading->config->refusal);
}

static const struct json_value *next_value(struct reading *reading)
{
    return &reading->layout.values[reading->next++];
}

static bool fits(enum config_key_type type, const cJSON *item)
{
    switch (type) {
    case KEY_NUMBER:
        return cJSON_IsNumber(item);
    case KEY_SWITCH:
    case KEY_SWITCHES:
        return cJSON_IsBool(item);
    case KEY_OBJECTS:
        return cJSON_IsObject(item);
    default:
        return cJSON_IsString(item);
    }
}

static int take(struct reading *reading, const struct config_key *key, const char *path,
                const cJSON *item, const struct json_value *value)
{
    int result = fits(key->type, item) ? config_key_take(key, item, reading->config) : -EINVAL;

    if (result == -ENOMEM)
        return fail_without_memory(reading);
    if (result == 0 && key->note_place)
        key->note_place(reading->config, json_text_place(reading->text, value->key));
    return result < 0 ? refuse(reading, key, path, value) : 0;
}

static int read_object(struct reading *reading, const cJSON *object, const char *prefix);

/* The keys of one of several objects, which has been taken, and whether they make it one. */
static int read_member_object(struct reading *reading, const struct config_key *key,
                              const char *path, const cJSON *item, const struct json_value *value)
{
    struct reading outer = *reading;
    char base[PATH_BYTES + 1];
    const char *wrong;
    int result;

    snprintf(base, sizeof base, "%s.", path);
    reading->table = key->members;
    reading->base = base;
    result = read_object(reading, item, "");
    reading->table = outer.table;
    reading->base = outer.base;
    if (result < 0)
        return result;
    wrong = key->end(reading->config, json_text_place(reading->text, value->key));
    return wrong ? fail(reading, value->key, "%s: allowed: %s", path, wrong) : 0;
}

static int take_list(struct reading *reading, const struct config_key *key, const cJSON *list,
                     const struct json_value *value)
{
    const cJSON *item;
    size_t count = 0;

    if (!cJSON_IsArray(list))
        return refuse(reading, key, key->path, value);
    cJSON_ArrayForEach(item, list)
    {
        const struct json_value *at = next_value(reading);
        char path[PATH_BYTES];
        int result;

        snprintf(path, sizeof path, "%s[%zu]", key->path, count++);
        result = take(reading, key, path, item, at);
        if (result == 0 && key->type == KEY_OBJECTS)
            result = read_member_object(reading, key, path, item, at);
        if (result < 0)
            return result;
    }
    return count < key->at_least ? refuse(reading, key, key->path, value) : 0;
}

static int fail_unknown(struct reading *reading, const struct json_value *value, const char *prefix,
                        const char *name, const char *allowed)
{
    return fail(reading, value->key, "%s%s%.*s: there is no such key; allowed: %s", reading->base,
                prefix, shown_length(name, strlen(name), SHOWN_BYTES), name, allowed);
}

/* Never many members: an unknown key ends it, so those before are known and different. */
static bool stands_before(const cJSON *object, const cJSON *member)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
    {
        if (item == member)
            return false;
        if (strcmp(item->string, member->string) == 0)
            return true;
    }
    return false;
}

/* The next member's value; NULL, having failed, if its key stands before it too. */
static const struct json_value *next_member(struct reading *reading, const cJSON *object,
                                            const cJSON *member, const char *prefix)
{
    const struct json_value *value = next_value(reading);

    if (!stands_before(object, member))
        return value;
    fail(reading, value->key, "%s%s%.*s: this key stands here twice", reading->base, prefix,
         shown_length(member->string, strlen(member->string), SHOWN_BYTES), member->string);
    return NULL;
}

/* Switches and patterns, whose names there are, and labels, whose names there are not. */
static int take_named(struct reading *reading, const struct config_key *key, const cJSON *object,
                      const struct json_value *value)
{
    char prefix[PATH_BYTES], names[CONFIG_ERROR_BYTES / 2];
    const cJSON *member;

    if (!cJSON_IsObject(object))
        return refuse(reading, key, key->path, value);
    snprintf(prefix, sizeof prefix, "%s.", key->path);
    if (key->name)
        config_key_list_switches(key, names, sizeof names);
    cJSON_ArrayForEach(member, object)
    {
        char path[PATH_BYTES + SHOWN_BYTES];
        int result;

        value = next_member(reading, object, member, prefix);
        if (!value)
            return -EINVAL;
        if (key->name && !config_key_has_switch(key, member->string))
            return fail_unknown(reading, value, prefix, member->string, names);
        snprintf(path, sizeof path, "%s%.*s", prefix,
                 shown_length(member->string, strlen(member->string), SHOWN_BYTES), member->string);
        result = take(reading, key, path, member, value);
        if (result < 0)
            return result;
    }
    return 0;
}

static int read_group(struct reading *reading, const cJSON *item, const char *path,
                      const struct json_value *value)
{
    char prefix[PATH_BYTES + 1], names[CONFIG_ERROR_BYTES / 2];

    snprintf(prefix, sizeof prefix, "%s.", path);
    if (cJSON_IsObject(item))
        return read_object(reading, item, prefix);
    config_key_list(reading->table, prefix, names, sizeof names);
    return fail(reading, value->key, "%s%s: allowed: an object with %s", reading->base, path,
                names);
}

static int read_member(struct reading *reading, const cJSON *member, const struct json_value *value,
                       const char *prefix)
{
    const struct config_key *key = config_key_find(reading->table, prefix, member->string);
    char path[PATH_BYTES], names[CONFIG_ERROR_BYTES / 2];

    if (!key) {
        config_key_list(reading->table, prefix, names, sizeof names);
        return fail_unknown(reading, value, prefix, member->string, names);
    }
    snprintf(path, sizeof path, "%s%s", prefix, member->string);
    if (strcmp(path, key->path) != 0)
        return read_group(reading, member, path, value);
    if (key->type == KEY_TEXTS || key->type == KEY_OBJECTS)
        return take_list(reading, key, member, value);
    if (key->type == KEY_SWITCHES || key->type == KEY_PATTERNS || key->type == KEY_LABELS)
        return take_named(reading, key, member, value);
    return take(reading, key, path, member, value);
}

static int read_object(struct reading *reading, const cJSON *object, const char *prefix)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, object)
    {
        const struct json_value *value = next_member(reading, object, member, prefix);
        int result = value ? read_member(reading, member, value, prefix) : -EINVAL;

        if (result < 0)
            return result;
    }
    return 0;
}

static int read_document(struct reading *reading, size_t length)
{
    cJSON *document = cJSON_ParseWithLength(reading->text, length);
    const struct json_value *value = next_value(reading);
    int result;

    if (!document)
        result = fail_without_memory(reading); /* the walker has found nothing wrong */
    else if (!cJSON_IsObject(document))
        result = fail(reading, value->at, "allowed: an object, such as {\"interval\": \"1s\"}");
    else
        result = read_object(reading, document, "");
    cJSON_Delete(document);
    return result;
}

int config_file_parse(const char *name, char *text, size_t length, struct config *config,
                      char error[CONFIG_ERROR_BYTES])
{
    struct reading reading = {.name = name,
                              .text = text,
                              .config = config,
                              .error = error,
                              .table = &config_keys,
                              .base = ""};
    struct json_fault fault;
    int result = json_text_blank_comments(text, length, &fault);

    if (result == 0)
        result = json_text_walk(text, length, &reading.layout, &fault);
    if (result == -ENOMEM)
        return fail_without_memory(&reading);
    if (result < 0)
        return fail(&reading, fault.at, "%s", fault.wrong);
    if (reading.layout.count > 0)
        result = read_document(&reading, length);
    json_text_finish(&reading.layout);
    return result;
}

/* All of it, unless that is too much. */
static int read_all(int fd, struct buffer *out)
{
    ssize_t count;

    do {
        char *room = buffer_reserve(out, CONFIG_FILE_MAX_BYTES / 16);

        if (!room)
            return -ENOMEM;
        count = read(fd, room, CONFIG_FILE_MAX_BYTES / 16);
        if (count < 0)
            return -errno;
        out->size += (size_t)count;
        if (out->size > CONFIG_FILE_MAX_BYTES)
            return -EFBIG;
    } while (count > 0);
    return 0;
}

/*
 * What it is, if it is not to be read: a pipe nobody writes to would look empty or never end, a
 * disk is no text.
 */
static const char *what_else(int fd)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return NULL; /* reading tells the same */
    if (S_ISFIFO(status.st_mode))
        return "it is a pipe, not a file";
    return S_ISBLK(status.st_mode) ? "it is a block device, not a file" : NULL;
}

/* The descriptor does not block: a FIFO is opened at once, a terminal says that nothing is there.
 */
int config_file_read(const char *path, struct config *config, char error[CONFIG_ERROR_BYTES])
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int result = fd < 0 ? -errno : 0;
    const char *why = fd < 0 ? NULL : what_else(fd);
    struct buffer text = {0};

    if (why)
        result = -EINVAL;
    if (result == 0)
        result = read_all(fd, &text);
    if (result == 0) {
        result = config_file_parse(path, text.data, text.size, config, error);
    } else {
        if (result == -EFBIG)
            why = "it is larger than 1 MiB";
        snprintf(error, CONFIG_ERROR_BYTES, "cannot read %.*s: %s",
                 shown_length(path, strlen(path), NAME_BYTES), path, why ? why : strerror(-result));
        make_one_line(error);
    }
    buffer_finish(&text);
    return result;
}
