#include "tui/term/flow.h"

enum { FEW_CELLS = 64, LOST_MS = 10000 };

void flow_asked(struct flow *flow, int64_t now_ms)
{
    flow->open++;
    flow->asked_ms = now_ms;
    flow->cells = 0;
}

bool flow_sent(struct flow *flow, int cells, int64_t now_ms)
{
    flow->cells += cells;
    if (!flow->answers || flow->cells < FEW_CELLS)
        return false;
    flow_asked(flow, now_ms);
    return true;
}

void flow_answered(struct flow *flow)
{
    flow->answers = true;
    if (flow->open > 0)
        flow->open--;
}

bool flow_ready(struct flow *flow, int64_t now_ms)
{
    if (flow->open > 0 && now_ms - flow->asked_ms >= LOST_MS)
        flow->open = 0;
    return !flow->answers || flow->open == 0;
}
