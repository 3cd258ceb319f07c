/* pace.h: how long after the beginning of a poll the next one begins.
 *
 * After an answer: when the answer itself says (snapshot.every_ms). After a failure: the least time
 * that the source allows, which is nothing for servers of our own. What refuses us is mended by
 * people and not by asking again: it is asked ever more rarely. Nobody is asked more often than at
 * the interval that the user has set.
 */
#ifndef CDCTOP_SOURCE_PACE_H
#define CDCTOP_SOURCE_PACE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { PACE_REFUSED_MS = 60 * 1000 }; /* so rarely at most; unless least_ms is more */

struct pace {
    int64_t least_ms; /* between polls that fail; 0: only the interval counts */
    int64_t every_ms; /* as the latest poll has it */
    bool refused;     /* … which was refused */
};

void pace_answered(struct pace *pace, int64_t every_ms);
void pace_failed(struct pace *pace, enum err_kind kind);
void pace_anew(struct pace *pace); /* somebody wants to know it now: perhaps it is mended */
int64_t pace_ms(const struct pace *pace, int64_t interval_ms);

#endif
