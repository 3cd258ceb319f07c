/* Slots: who owns each, how far it is behind, when it will be lost. */
#include "base/human.h"
#include "base/lsn.h"
#include "model/join.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    RATE_WINDOW_MS = 60 * 1000,
    PROJECTION_SAMPLES = 3,
    STEADY_SAMPLES = 15, /* fewer show the beat of the consumer's confirmations, not a trend */
    PINNED_MS = 5 * 60 * 1000,
};

static const struct series *find(const struct join *j, const char *what, const char *slot)
{
    char key[256];
    (void)snprintf(key, sizeof(key), "%s %s", what, slot);
    return series_find(j->wp->series, key);
}

/* Since when it is inactive: the server's word (17+), else since we first saw it so. */
static void idle_since(const struct join *j, struct slot_row *row)
{
    row->idle_ms = UNKNOWN;
    if (row->slot->active != TRI_NO)
        return;
    if (row->slot->inactive_since_ms != UNKNOWN && row->slot->inactive_since_ms > 0) {
        row->idle_ms =
            world_server_now(j->world, j->index, SOURCE_POSTGRES) - row->slot->inactive_since_ms;
        return;
    }
    struct point p;
    bool seen = series_at(find(j, "inactive", row->slot->name), 0, &p) && p.v > 0;
    row->idle_ms = seen ? j->world->mono_ms - (int64_t)p.v : 0;
    row->idle_at_least = true;
}

/* Does it fall behind at all? A healthy slot's retained WAL is a saw-tooth: restart_lsn moves in
 * jumps, and safe_wal_size shrinks by a whole segment before it springs back. Only a slot that
 * nobody reads, whose consumer confirms less than is written, or whose restart_lsn is pinned, runs
 * out. */
static bool falls_behind(const struct join *j, const struct pg_slot *slot)
{
    if (slot->active != TRI_YES)
        return true;
    double wal = series_rate(series_find(j->wp->series, "wal"), RATE_WINDOW_MS);
    double grows = series_rate(find(j, "unconfirmed", slot->name), RATE_WINDOW_MS);
    bool watched = series_samples(find(j, "unconfirmed", slot->name)) >= STEADY_SAMPLES;
    if (watched && !isnan(wal) && !isnan(grows) && wal > 0 && grows > wal / 5)
        return true;
    return series_still_ms(find(j, "restart", slot->name)) >= PINNED_MS;
}

/* Time until safe_wal_size is used up at the rate by which retained WAL grows; never from fewer
 * than three samples. */
static int64_t lost_in(const struct join *j, const struct pg_slot *slot)
{
    const struct series *s = find(j, "retained", slot->name);
    if (slot->safe_wal_size == UNKNOWN || series_samples(s) < PROJECTION_SAMPLES ||
        !falls_behind(j, slot))
        return UNKNOWN;
    double rate = series_rate(s, RATE_WINDOW_MS);
    if (isnan(rate) || rate <= 0)
        return UNKNOWN;
    double ms = (double)slot->safe_wal_size / rate * 1000;
    return ms < 0 ? 0 : ms > 1e15 ? UNKNOWN : (int64_t)ms;
}

/* The same as a range, and on how much it rests. */
static void project_loss(const struct join *j, struct slot_row *row)
{
    const struct series *s = find(j, "retained", row->slot->name);
    struct point newest, p;
    row->lost_in_ms = lost_in(j, row->slot);
    if (row->lost_in_ms == UNKNOWN || !series_at(s, 0, &newest))
        return;
    row->lost = series_project(s, (double)row->slot->safe_wal_size, 1, RATE_WINDOW_MS);
    while (series_at(s, row->lost_samples, &p) && newest.t - p.t <= RATE_WINDOW_MS)
        row->lost_samples++;
}

static const char *state_text(const struct join *j, const struct slot_row *row)
{
    const struct pg_slot *s = row->slot;
    if (s->invalidation_reason != NULL && s->invalidation_reason[0] != '\0')
        return "lost";
    if (s->wal_status != NULL && strcmp(s->wal_status, "lost") == 0)
        return "lost";
    if (s->wal_status != NULL && strcmp(s->wal_status, "unreserved") == 0)
        return "unreserved";
    if (s->active == TRI_YES)
        return "active";
    if (s->active == TRI_UNKNOWN)
        return "unknown";
    char age[HUMAN_SIZE];
    human_age_ms(age, row->idle_ms);
    return arena_printf(j->arena, "idle %s%s", row->idle_at_least ? "≥" : "", age);
}

static void judge_wal(const struct join *j, struct slot_row *row)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    char a[HUMAN_SIZE];
    if (strcmp(row->state, "lost") == 0)
        join_raise(&row->base, VERDICT_CRIT, "lost: the WAL that it needs is gone");
    else if (strcmp(row->state, "unreserved") == 0)
        join_raise(&row->base, VERDICT_CRIT, "unreserved: lost at the next checkpoint");
    if (row->lost_in_ms != UNKNOWN && row->lost_in_ms < t->lost_in_warn_ms)
        join_raise(&row->base, row->lost_in_ms < t->lost_in_crit_ms ? VERDICT_CRIT : VERDICT_WARN,
                   arena_printf(j->arena, "will be lost in about %s",
                                human_duration_ms(a, row->lost_in_ms)));
    if (row->retained != UNKNOWN && row->retained >= t->retained_warn)
        join_raise(&row->base, row->retained >= t->retained_crit ? VERDICT_CRIT : VERDICT_WARN,
                   arena_printf(j->arena, "retains %s of WAL", human_bytes(a, row->retained)));
}

/* An inactive slot: what it means depends on whose it is. */
static void judge_idle(const struct join *j, struct slot_row *row)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    if (row->slot->active != TRI_NO || strcmp(row->state, "lost") == 0)
        return;
    if (row->owner == NULL) {
        bool known = j->state[j->teller] == STATE_FRESH;
        bool long_idle = row->idle_ms >= t->slot_idle_crit_ms;
        join_raise(&row->base, long_idle && known ? VERDICT_WARN : VERDICT_INFO,
                   known ? "idle, and no connector that cdctop sees owns it"
                         : "idle; whether a connector owns it is not known");
        return;
    }
    if (j->state[j->teller] != STATE_FRESH) {
        join_raise(&row->base, VERDICT_WARN,
                   arena_printf(j->arena, "nobody reads it; whether %s still runs is not known",
                                row->owner->name));
        return;
    }
    const char *state = row->owner->state != NULL ? row->owner->state : "";
    bool meant =
        pipeline_state_is(row->owner, "STOPPED") || pipeline_state_is(row->owner, "PAUSED");
    const char *why =
        arena_printf(j->arena, "nobody reads it: connector %s is %s", row->owner->name, state);
    if (meant)
        join_raise(&row->base, VERDICT_INFO, why);
    else
        join_raise(&row->base, row->idle_ms >= t->slot_idle_warn_ms ? VERDICT_CRIT : VERDICT_WARN,
                   why);
}

static void fill(const struct join *j, struct slot_row *row, const struct pg_slot *slot)
{
    enum slot_claim claim = CLAIM_NAMED;
    const struct connector_row *owner = join_owner_of(j->out, slot);
    if (owner == NULL)
        owner = join_dms_owner(j, slot, &claim);
    *row = (struct slot_row){
        .base = {.name = slot->name, .verdict = VERDICT_OK, .why = ""},
        .slot = slot,
        .owner = owner != NULL ? owner->connector : NULL,
        .claim = claim,
        .behind = slot->unconfirmed,
        .retained = slot->retained
    };
    row->retained_rate = series_rate(find(j, "retained", slot->name), RATE_WINDOW_MS);
    row->confirmed_rate = series_rate(find(j, "confirmed", slot->name), RATE_WINDOW_MS);
    project_loss(j, row);
    idle_since(j, row);
    row->state = state_text(j, row);
    if (slot->active == TRI_UNKNOWN)
        join_raise(&row->base, VERDICT_UNKNOWN, "the server does not say whether it is active");
    judge_wal(j, row);
    judge_idle(j, row);
    join_trust(j, &row->base, SOURCE_POSTGRES);
}

void join_slots(struct join *j)
{
    if (j->snap[SOURCE_POSTGRES] == NULL)
        return;
    const struct pg_snap *pg = &j->snap[SOURCE_POSTGRES]->pg;
    j->out->slots = arena_array(j->arena, pg->nslots, sizeof(struct slot_row));
    j->out->nslots = pg->nslots;
    j->out->slots_told = j->state[SOURCE_POSTGRES] == STATE_FRESH && !pg->slots_denied;
    for (size_t i = 0; i < pg->nslots; i++)
        fill(j, &j->out->slots[i], &pg->slots[i]);
}
