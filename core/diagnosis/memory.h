/* memory.h: what the diagnosis remembers between two evaluations: since when a finding holds, what
 * came and went, and what is muted. diagnosis.h is the door for readers.
 *
 * No flapping: a rule with a hold is said only after its signature held for so long, and every
 * finding stays (as clearing) a few seconds after its signature was last seen. Time alone decides
 * that, so how often the rules are evaluated does not matter. While the evidence of a rule is
 * missing, its finding is neither shown nor forgotten: nothing is known of it.
 */
#ifndef CDCTOP_DIAGNOSIS_MEMORY_H
#define CDCTOP_DIAGNOSIS_MEMORY_H

#include "diagnosis/rules.h"

struct finding_list {
    struct finding *items;
    size_t count, cap; /* grown by arena_push */
};

/* Could the rule be evaluated this time? */
typedef bool memory_answered_fn(void *ctx, const char *rule);

struct memory;
struct memory *memory_new(void);
void memory_free(struct memory *memory);

/* Between the rules and the folding: takes away what has not held long enough, adds what is
 * clearing, fills since_wall_ms. */
void memory_settle(struct memory *memory, const struct world *world, struct arena *arena,
                   struct finding_list *list, memory_answered_fn *answered, void *ctx);

/* After the folding: what is said now (not clearing) and was not before, or not as loud, is in the
 * history; so is what has gone. */
void memory_note(struct memory *memory, const struct world *world, const struct finding_list *said);

/* Fills mute_reason and muted_until_ms (pointing into the memory) when somebody muted it. */
bool memory_muted(const struct memory *memory, const struct world *world, struct finding *f);
bool memory_mute(struct memory *memory, const struct world *world, const struct mute *mute);
bool memory_unmute(struct memory *memory, const struct world *world, const char *rule,
                   const char *object);

size_t memory_history(const struct memory *memory, struct finding_event *out, size_t max);

#endif
