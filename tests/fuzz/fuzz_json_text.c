#include <cjson/cJSON.h>
#include <string.h>

#include "daemon/json_text.h"
#include "tests/fuzz/harness.h"

/* Values of cJSON and of the walker are the same, in the same order. */
static void compare(const cJSON *item, const char *text, const struct json_text *layout,
                    size_t *next)
{
    const struct json_value *value;
    const cJSON *child;

    must(*next < layout->count);
    value = &layout->values[(*next)++];
    must(value->key <= value->at && value->at < value->end);
    switch (text[value->at]) {
    case '{':
        must(cJSON_IsObject(item));
        break;
    case '[':
        must(cJSON_IsArray(item));
        break;
    case '"':
        must(cJSON_IsString(item));
        must(strlen(item->valuestring) <= value->end - value->at - 2);
        break;
    case 't':
    case 'f':
        must(cJSON_IsBool(item));
        break;
    case 'n':
        must(cJSON_IsNull(item));
        break;
    default:
        must(cJSON_IsNumber(item));
    }
    must(item->string == NULL || text[value->key] == '"');
    cJSON_ArrayForEach(child, item) compare(child, text, layout, next);
}

static void check_layout(const char *text, size_t size, const struct json_text *layout)
{
    cJSON *document = cJSON_ParseWithLength(text, size);
    size_t next = 0;

    must(document != NULL);
    compare(document, text, layout, &next);
    must(next == layout->count);
    cJSON_Delete(document);
}

/* A configuration file's bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size > 0 ? size : 1);
    struct json_text layout;
    struct json_fault fault = {0};
    struct json_place before, after;

    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    before = json_text_place(text, size);
    if (json_text_blank_comments(text, size, &fault) == 0 &&
        json_text_walk(text, size, &layout, &fault) == 0) {
        if (layout.count > 0)
            check_layout(text, size, &layout);
        json_text_finish(&layout);
    } else {
        must(fault.at <= size && fault.wrong != NULL);
    }
    after = json_text_place(text, size);
    must(before.line == after.line && before.column == after.column);
    free(text);
    return 0;
}
