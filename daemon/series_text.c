#include "daemon/series.h"

#include <string.h>

const char *metric_kind_name(enum metric_kind kind)
{
    static const char *const names[] = {"gauge", "counter", "histogram", "summary", "untyped"};

    return names[kind];
}

const char *series_scope(const struct series *series)
{
    if (series->flags & SERIES_APPLICATION)
        return "application";
    return series->flags & SERIES_OWN ? "tacho" : "host";
}

const char *series_label(const struct series *series, const char *key)
{
    for (size_t i = 0; i < series->label_count; i++) {
        if (strcmp(series->labels[i].key, key) == 0)
            return series->labels[i].value;
    }
    return "";
}
