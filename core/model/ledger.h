/* ledger.h: what cdctop itself did to the servers lately: for rules that ask whether it helped, or
 * whether anybody heard.
 *
 * Filled by the engine, read by the diagnosis; part of the world, so that rules stay pure. Entries
 * are values: nothing here points anywhere but to static strings.
 */
#ifndef CDCTOP_MODEL_LEDGER_H
#define CDCTOP_MODEL_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_MAX = 64, LEDGER_NAME = 128 };

enum ledger_state {
    LEDGER_SENDING,  /* not accepted so far */
    LEDGER_WATCHING, /* accepted; its effect is waited for */
    LEDGER_WORKED,
    LEDGER_FAILED,
    LEDGER_UNSEEN, /* accepted, but its effect was not seen in time */
};

struct ledger_entry {
    unsigned id;      /* of the action: an entry is replaced by a later state of the same one */
    int kind;         /* enum action_kind */
    const char *verb; /* "restart", "snapshot": static */
    enum ledger_state state;
    int64_t wall_ms, mono_ms;   /* when it was asked for */
    int64_t accepted_mono_ms;   /* when the server took it; UNKNOWN */
    int64_t ended_mono_ms;      /* when its outcome was known; UNKNOWN */
    char target[LEDGER_NAME];   /* connector or slot */
    char signal_id[64];         /* of a snapshot signal; "" */
    char table[LEDGER_NAME];    /* the first one of a snapshot signal; "" */
    bool blocking, by_topic;    /* a blocking snapshot; the signal went through the Kafka topic */
    char text[LEDGER_NAME * 2]; /* the verdict in words */
};

struct ledger {
    struct ledger_entry items[LEDGER_MAX]; /* ring */
    size_t count;                          /* ever */
};

/* Adds it, or replaces the one with its id. The oldest gives way. */
void ledger_put(struct ledger *ledger, const struct ledger_entry *entry);

size_t ledger_size(const struct ledger *ledger);

/* The i-th newest; NULL when there is none. */
const struct ledger_entry *ledger_at(const struct ledger *ledger, size_t i);

/* The newest one of that kind on that target; kind -1: any. NULL. */
const struct ledger_entry *ledger_newest(const struct ledger *ledger, int kind, const char *target);

#endif
