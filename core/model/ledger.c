#include "model/ledger.h"

#include <string.h>

size_t ledger_size(const struct ledger *ledger)
{
    return ledger->count < LEDGER_MAX ? ledger->count : LEDGER_MAX;
}

static size_t place(const struct ledger *ledger, size_t i)
{
    return (ledger->count - 1 - i) % LEDGER_MAX;
}

void ledger_put(struct ledger *ledger, const struct ledger_entry *entry)
{
    size_t have = ledger_size(ledger);
    for (size_t i = 0; i < have; i++) {
        struct ledger_entry *at = &ledger->items[place(ledger, i)];
        if (at->id == entry->id) {
            *at = *entry;
            return;
        }
    }
    ledger->items[ledger->count++ % LEDGER_MAX] = *entry;
}

const struct ledger_entry *ledger_at(const struct ledger *ledger, size_t i)
{
    return i < ledger_size(ledger) ? &ledger->items[place(ledger, i)] : NULL;
}

const struct ledger_entry *ledger_newest(const struct ledger *ledger, int kind, const char *target)
{
    const struct ledger_entry *e;
    for (size_t i = 0; (e = ledger_at(ledger, i)) != NULL; i++) {
        if ((kind < 0 || e->kind == kind) && strcmp(e->target, target) == 0)
            return e;
    }
    return NULL;
}
