/*
 * Files that cannot be opened, whoever runs the test. A test that links this has openat(2) of its
 * own.
 */
#ifndef TACHO_TESTS_UNIT_DENIED_OPEN_H
#define TACHO_TESTS_UNIT_DENIED_OPEN_H

/* Opening a path that ends so gives this error; NULL: none does. */
void open_deny(const char *ending, int error);

#endif
