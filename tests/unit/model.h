/*
 * What tests of the data model share: a table, a history and rows made by hand; comparing words;
 * reading what was encoded; catching what is printed.
 */
#ifndef TACHO_TESTS_UNIT_MODEL_H
#define TACHO_TESTS_UNIT_MODEL_H

#include <cjson/cJSON.h>
#include <math.h>

#include "daemon/buffer.h"
#include "daemon/history.h"
#include "daemon/query.h"
#include "daemon/series.h"
#include "tests/unit/support.h"

#define MODEL_INTERVAL_MS 1000

/* Fails the test unless the word is this number, bit by bit; the second unless it is absent. */
#define expect_number(word, number) ck_assert_uint_eq((word), sample_word(number))
#define expect_absent(word)         ck_assert_uint_eq((word), SAMPLE_ABSENT)

/* As expect_number, for what was computed: a relative error of 10^-12 is allowed. */
#define expect_near(word, number)                                                                  \
    do {                                                                                           \
        ck_assert_uint_ne((word), SAMPLE_ABSENT);                                                  \
        ck_assert_double_eq_tol(sample_value(word), (number), 1e-12 * (1 + fabs(number)));         \
    } while (0)

/* Ticks one interval apart, of which each is visible once it is ended. */
struct model {
    struct sink sink; /* first; declares series of its interval, makes the row as long as needed */
    struct series_table *table;
    struct history *history;
    struct tick tick; /* the one begun, else the last one */
    uint32_t max_series;
};

void model_make(struct model *model, uint32_t max_series);
void model_remove(struct model *model);

/*
 * The slot of the series with this name and these labels ("cpu=0,mode=user", "" for none), which
 * is made if it is new. It is a cumulative counter if the name ends in "_total", else a gauge.
 */
uint32_t model_declare(struct model *model, const char *name, const char *labels, unsigned flags,
                       uint32_t interval_ms);

/* The same of a series of sparse histograms, which has a value at each tick. */
uint32_t model_declare_histogram(struct model *model, const char *name, const char *labels);

/* Begins a tick so much after the one before; its row is all absent. */
void model_begin(struct model *model, int64_t after_ms, uint32_t flags);

/* Sets the value in the tick begun of a series of every tick, declaring it if it is new. */
void model_put(struct model *model, const char *name, const char *labels, double value);

/* As model_put, of a series that is in the table already. */
void model_set(struct model *model, uint32_t slot, double value);

/* Ends the tick begun: the series and then the row become visible. */
void model_end(struct model *model);

/* The series with this name and these labels in the newest catalog, or NULL; the table holds it. */
const struct series *model_find(struct model *model, const char *name, const char *labels);

/* The series of a catalog under this name and these labels, or NULL. */
const struct series *find_series(const struct catalog *catalog, const char *name,
                                 const char *labels);

/* A query of names and values one after the other; NULL ends it. */
struct query make_query(const char *const *names_and_values);

/* One more, whose value may hold zeros. */
void add_parameter(struct query *query, const char *name, const char *value, size_t length);

/* The document, which the test fails without; to be given to cJSON_Delete(). */
cJSON *parse_json(const char *text, size_t length);

/* What the program writes to the descriptor from begin to end. end gives text to be freed. */
struct capture {
    int fd, former, file;
};

void capture_begin(struct capture *capture, int fd);
char *capture_end(struct capture *capture);

#endif
