#include <ctype.h>
#include <string.h>

#include "daemon/host.h"
#include "tests/fuzz/harness.h"

/* A Host header's value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const listed[] = {"tacho.example"};
    struct host_rules rules;
    char *text = malloc(size + 1);
    bool allowed;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    host_rules_init(&rules, "db1.corp.example", listed, 1);
    allowed = host_is_allowed(&rules, text, size);
    /* What was accepted holds nothing that could mean another host to somebody else. */
    for (size_t index = 0; index < size && allowed; index++)
        must(isalnum((unsigned char)text[index]) || memchr("-_.:[] \t", text[index], 8) != NULL);
    for (size_t index = 0; index < size; index++)
        text[index] = (char)toupper((unsigned char)text[index]);
    must(host_is_allowed(&rules, text, size) == allowed);
    /* A machine may be called anything. */
    host_rules_init(&rules, text, NULL, 0);
    must(host_is_allowed(&rules, "localhost", 9));
    must(host_is_allowed(&rules, text, strlen(text)) || !host_name_is_valid(text));
    free(text);
    return 0;
}
