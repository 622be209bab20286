#include "daemon/exposition_plan.h"

#include <errno.h>

#include "daemon/exposition_groups.h"
#include "daemon/exposition_names.h"

#define NO_FAMILY EXPOSITION_NO_FAMILY
/* Whom a name belongs to that is nobody's to use. */
#define RESERVED (NO_FAMILY - 1)
/* There is room for so many at first. */
#define FAMILIES_FIRST 512

/*
 * The order in which series find their places: what may be a family of its own or a part of another
 * comes last, when all those are known.
 */
enum { PASS_FIRST, PASS_TOTALS, PASS_CREATED, PASSES };

struct planner {
    struct exposition_plan *plan;
    struct exposition_names names;
    enum exposition_format format;
    size_t family_capacity;
    bool failed; /* there was no memory */
};

static struct span family_name(const struct series *series, const struct exposition_shape *shape)
{
    return (struct span){series->name, shape->family_length};
}

/* The family of just this name, or NULL: the name may be a part's of another. */
static struct exposition_family_plan *find_family(const struct planner *planner, struct span name)
{
    const uint32_t index = exposition_names_find(&planner->names, name, "");
    struct exposition_family_plan *family;

    if (index == NO_FAMILY || index >= planner->plan->family_count)
        return NULL;
    family = &planner->plan->families[index];
    return family->name_length == name.length ? family : NULL;
}

static bool are_free(const struct planner *planner, struct span name, enum family_class class)
{
    const char *const *ending = family_endings(class, planner->format);

    while (*ending && exposition_names_find(&planner->names, name, *ending) == NO_FAMILY)
        ending++;
    return !*ending;
}

/* For one family more. */
static bool make_room(struct planner *planner)
{
    struct exposition_plan *plan = planner->plan;
    struct exposition_family_plan *larger;

    if (plan->family_count < planner->family_capacity)
        return true;
    larger = reallocarray(plan->families, planner->family_capacity * 2, sizeof *larger);
    planner->failed |= !larger;
    if (!larger)
        return false;
    plan->families = larger;
    planner->family_capacity *= 2;
    return true;
}

/* NULL where one of its names is another's. */
static struct exposition_family_plan *make_family(struct planner *planner,
                                                  const struct series *series, struct span name,
                                                  enum family_class class)
{
    const uint32_t index = (uint32_t)planner->plan->family_count;
    struct exposition_family_plan *family;

    if (!are_free(planner, name, class) || !make_room(planner))
        return NULL;
    family = &planner->plan->families[index];
    for (const char *const *ending = family_endings(class, planner->format); *ending; ending++) {
        if (exposition_names_take(&planner->names, name, *ending, index) < 0)
            planner->failed = true;
    }
    *family = (struct exposition_family_plan){.name = name.at,
                                              .name_length = name.length,
                                              .class = class,
                                              .kind = series->kind,
                                              .help = "",
                                              .unit = ""};
    planner->plan->family_count++;
    return family;
}

/* The family in which the series has a place, and as what; or NULL. */
static struct exposition_family_plan *
find_place(struct planner *planner, const struct series *series, struct exposition_shape *shape)
{
    const struct span name = family_name(series, shape);
    struct exposition_family_plan *family = find_family(planner, name);

    if (shape->role == ROLE_CREATED) {
        if (family && family->class != FAMILY_PLAIN)
            return family;
    } else if (!family) {
        family = make_family(planner, series, name, shape->class);
        if (family || shape->class != FAMILY_TOTAL)
            return family;
    } else if (family->class == shape->class) {
        return family;
    } else if (family->class == FAMILY_BUCKETS && shape->class == FAMILY_QUANTILES) {
        shape->role = ROLE_BESIDE;
        return family;
    }
    if (shape->role != ROLE_CREATED && shape->class != FAMILY_TOTAL)
        return NULL;
    *shape = exposition_shape_plain(series);
    return find_place(planner, series, shape);
}

static void place(struct planner *planner, const struct series *series,
                  struct exposition_shape shape)
{
    struct exposition_plan *plan = planner->plan;
    struct exposition_family_plan *family = find_place(planner, series, &shape);
    struct exposition_member *member = &plan->members[plan->member_count];

    if (!family) {
        plan->left_out++;
        return;
    }
    *member = (struct exposition_member){.series = series, .shape = shape, .next = family->chain};
    family->chain = (uint32_t)++plan->member_count;
    family->count++;
    family->has_parts |= shape.role != ROLE_VALUE;
    if (*family->help == '\0')
        family->help = series->help;
    if (*family->unit == '\0')
        family->unit = series->unit;
}

static int pass_of(const struct exposition_shape *shape)
{
    if (shape->role == ROLE_CREATED)
        return PASS_CREATED;
    return shape->class == FAMILY_TOTAL ? PASS_TOTALS : PASS_FIRST;
}

static void place_all(struct planner *planner, const struct series *const *series, size_t count)
{
    const int passes = planner->format == EXPOSITION_OPENMETRICS ? PASSES : 1;

    for (int pass = 0; pass < passes; pass++) {
        for (size_t i = 0; i < count; i++) {
            const struct exposition_shape shape = exposition_shape_of(series[i], planner->format);

            if (shape.class == FAMILY_NONE)
                planner->plan->left_out += pass == 0;
            else if (pass_of(&shape) == pass)
                place(planner, series[i], shape);
        }
    }
}

/* --- order --- */

static int compare_families(const void *a, const void *b)
{
    const struct exposition_family_plan *one = a, *other = b;
    const size_t length =
        one->name_length < other->name_length ? one->name_length : other->name_length;
    const int order = memcmp(one->name, other->name, length);

    if (order != 0)
        return order;
    return (one->name_length > other->name_length) - (one->name_length < other->name_length);
}

static int compare_members(const void *a, const void *b)
{
    const struct exposition_member *one = a, *other = b;
    int order = (one->group > other->group) - (one->group < other->group);

    if (order == 0)
        order = (one->shape.role > other->shape.role) - (one->shape.role < other->shape.role);
    if (order == 0)
        order = (one->shape.edge > other->shape.edge) - (one->shape.edge < other->shape.edge);
    return order != 0
               ? order
               : (one->series->id > other->series->id) - (one->series->id < other->series->id);
}

/*
 * What a sparse histogram's bounds make of it are all the parts of its group: its own sum and
 * count, and the quantiles, would say it twice, and others' something else. Gives how many stay.
 */
static size_t settle_groups(struct exposition_plan *plan, struct exposition_member *members,
                            size_t count)
{
    bool is_sparse = false;
    size_t kept = 0;
    struct exposition_member former = {0};

    for (size_t i = 0; i < count; i++) {
        const struct exposition_member member = members[i];
        const bool begins = i == 0 || former.group != member.group;
        const bool stands = member.shape.role == ROLE_CREATED ||
                            (member.shape.role != ROLE_BESIDE && (begins || !is_sparse));

        former = member;
        if (begins)
            is_sparse = member.shape.role == ROLE_SPARSE;
        if (stands)
            members[kept++] = member;
        else
            plan->left_out += !(is_sparse && member.shape.role == ROLE_BESIDE);
    }
    return kept;
}

/* By family, in the families' order; the members of what has no parts by id. */
static int arrange(struct exposition_plan *plan)
{
    struct exposition_groups groups;
    struct exposition_member *arranged = calloc(plan->member_count + 1, sizeof *arranged);
    size_t at = 0;

    int result = exposition_groups_init(&groups);

    if (!arranged)
        return -ENOMEM;
    if (plan->family_count > 0)
        qsort(plan->families, plan->family_count, sizeof *plan->families, compare_families);
    for (size_t i = 0; i < plan->family_count && result == 0; i++) {
        struct exposition_family_plan *family = &plan->families[i];
        struct exposition_member *members = &arranged[at];
        uint32_t next = family->chain;

        /* The chain begins with the last one. */
        for (size_t left = family->count; left > 0; left--) {
            members[left - 1] = plan->members[next - 1];
            next = plan->members[next - 1].next;
        }
        if (family->has_parts) {
            result = exposition_groups_find(&groups, members, family->count);
            qsort(members, family->count, sizeof *members, compare_members);
            family->count = settle_groups(plan, members, family->count);
        }
        family->first = at;
        at += family->count;
    }
    exposition_groups_finish(&groups);
    free(plan->members);
    plan->members = arranged;
    plan->member_count = at;
    return result;
}

int exposition_plan_make(const struct series *const *series, size_t count,
                         enum exposition_format format, const char *reserved,
                         struct exposition_plan *out)
{
    struct planner planner = {.plan = out, .format = format, .family_capacity = FAMILIES_FIRST};
    int result = exposition_names_init(&planner.names, count / 4);

    *out = (struct exposition_plan){0};
    out->families = calloc(FAMILIES_FIRST, sizeof *out->families);
    out->members = calloc(count + 1, sizeof *out->members);
    if (result == 0 && (!out->families || !out->members))
        result = -ENOMEM;
    if (result == 0)
        result = exposition_names_take(&planner.names, (struct span){reserved, strlen(reserved)},
                                       "", RESERVED);
    if (result == 0)
        place_all(&planner, series, count);
    exposition_names_finish(&planner.names);
    if (result == 0)
        result = planner.failed ? -ENOMEM : arrange(out);
    if (result < 0)
        exposition_plan_finish(out);
    return result;
}

void exposition_plan_finish(struct exposition_plan *plan)
{
    free(plan->families);
    free(plan->members);
    *plan = (struct exposition_plan){0};
}
