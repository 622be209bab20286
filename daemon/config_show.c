#include "daemon/config_show.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "daemon/config_key.h"

#define NAME_BYTES 40 /* of a part of a key's path */

/* Puts the value where the path leads, making the objects on the way; owns it, also on failure. */
static bool add_value(cJSON *object, const char *path, cJSON *value)
{
    size_t length = strcspn(path, ".");
    char name[NAME_BYTES];
    cJSON *group;

    snprintf(name, sizeof name, "%.*s", (int)length, path);
    if (path[length] == '\0' && cJSON_AddItemToObject(object, name, value))
        return true;
    group = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!group && path[length] == '.')
        group = cJSON_AddObjectToObject(object, name);
    if (group)
        return add_value(group, path + length + 1, value);
    cJSON_Delete(value);
    return false;
}

char *config_show(const struct config *config)
{
    cJSON *document = cJSON_CreateObject();
    char *text = NULL;
    bool good = document != NULL;

    for (size_t i = 0; i < config_keys.count && good; i++) {
        const struct config_key *key = &config_keys.keys[i];
        cJSON *value = config_key_show(key, config);

        good = !value || add_value(document, key->path, value);
    }
    if (good)
        text = cJSON_Print(document);
    cJSON_Delete(document);
    return text;
}

/* Whether both say the same of a key. */
static bool is_same(const struct config_key *key, const struct config *one,
                    const struct config *other)
{
    cJSON *values[] = {config_key_show(key, one), config_key_show(key, other)};
    bool same = (!values[0] && !values[1]) || cJSON_Compare(values[0], values[1], true);

    cJSON_Delete(values[0]);
    cJSON_Delete(values[1]);
    return same;
}

void config_list_changed(const struct config *started, const struct config *config, char *out,
                         size_t size)
{
    size_t used = 0;

    *out = '\0';
    for (size_t i = 0; i < config_keys.count && used < size; i++) {
        const struct config_key *key = &config_keys.keys[i];

        if (!key->live && !is_same(key, started, config))
            used +=
                (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", key->path);
    }
}
