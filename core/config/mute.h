/* mute.h: a mute as a person writes it, in the configuration and on the command line: no alarm of a
 * rule, for a time, with a reason. Which rules there are only the diagnosis knows. */
#ifndef CDCTOP_CONFIG_MUTE_H
#define CDCTOP_CONFIG_MUTE_H

#include <stdbool.h>
#include <stdint.h>

enum { MUTE_RULE = 8, MUTE_OBJECT = 128, MUTE_REASON = 160 };

struct mute {
    char rule[MUTE_RULE];
    char object[MUTE_OBJECT]; /* "": of any object */
    int64_t until_wall_ms;    /* INT64_MAX: for good */
    char reason[MUTE_REASON];
};

/* "RULE[ OBJECT][ until YYYY-MM-DD[THH:MM][Z]]: REASON"; times are UTC. NULL, or what is wrong. */
const char *mute_parse(const char *text, struct mute *mute);

#endif
