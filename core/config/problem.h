/* problem.h: a mistake in a configuration. */
#ifndef CDCTOP_CONFIG_PROBLEM_H
#define CDCTOP_CONFIG_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

/* A mistake in a file: everything a person needs to mend it. */
struct config_problem {
    bool warning; /* only said, not refused */
    char *file;
    int line, column;                      /* 0: not in a file (flag, environment) */
    char *key, *found, *allowed, *nearest; /* nearest known key or NULL */
    char *text;                            /* the whole sentence, one line */
};

struct config_problems {
    struct config_problem *items;
    size_t count, errors;
};

#endif
