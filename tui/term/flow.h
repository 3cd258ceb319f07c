/* flow.h: never more than one frame under way. Behind a slow line there are buffers that nobody can
 * look into, and what is written into them is old when it is seen: so behind each frame the
 * terminal is asked whether it is well (DSR, ESC [5n), which it answers when it has come that far,
 * and the next frame waits for the answer. A terminal that never answered is never waited for. */
#ifndef CDCTOP_TUI_TERM_FLOW_H
#define CDCTOP_TUI_TERM_FLOW_H

#include <stdbool.h>
#include <stdint.h>

struct flow {
    bool answers; /* it did at least once */
    int open;     /* questions without an answer */
    int64_t asked_ms;
    int cells; /* drawn since the last question */
};

/* So many cells were sent: true if the question shall follow. A clock that moves needs none. */
bool flow_sent(struct flow *flow, int cells, int64_t now_ms);
/* The first question, before the first frame: it decides whether others follow. */
void flow_asked(struct flow *flow, int64_t now_ms);
void flow_answered(struct flow *flow);
/* May the next frame go? An answer that got lost is given up after a while. */
bool flow_ready(struct flow *flow, int64_t now_ms);

#endif
