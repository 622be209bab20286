#include "collectors/system/rapl_zone.h"

/* One hyphen, with nothing but a number behind it, makes an index. */
bool rapl_parse_name(struct span text, struct rapl_zone *out)
{
    struct scanner scanner = scanner_over(text.at, text.length);
    struct rapl_zone zone = {0};
    struct span name = text;
    struct span before;
    uint64_t index;

    if (scan_until(&scanner, '-', &before) && before.length > 0 && scan_u64(&scanner, &index) &&
        scan_is_done(&scanner) && index <= INT32_MAX) {
        name = before;
        zone.index = (unsigned)index;
        zone.has_index = true;
    }
    if (name.length == 0 || name.length > RAPL_NAME_MAX)
        return false;
    memcpy(zone.name, name.at, name.length);
    *out = zone;
    return true;
}
