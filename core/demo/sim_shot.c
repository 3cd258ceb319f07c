/* sim_shot.c: snapshots as Debezium 2.7 takes them, and the notifications that it sends of them:
 * what those say and leave out was recorded from real ones (model/snapshot_progress.h). */
#include "demo/sim_int.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 5000, FULL_FASTER = 5 };

/* What goes when there is no room: what is said once for each chunk. */
static void make_room(struct sim *sim)
{
    int gone = 0;
    if (sim->nnotes < SIM_NOTES)
        return;
    while (gone < sim->nnotes - 1 && strcmp(sim->notes[gone].type, "IN_PROGRESS") != 0)
        gone++;
    memmove(&sim->notes[gone], &sim->notes[gone + 1],
            (size_t)(sim->nnotes - gone - 1) * sizeof(sim->notes[0]));
    sim->nnotes--;
}

void sim_note(struct sim *sim, struct sim_source *s, const struct sim_note *note)
{
    make_room(sim);
    struct sim_note *n = &sim->notes[sim->nnotes++];
    *n = *note;
    n->topic = sim->topics[s->note_topic].name;
    n->connector = s->prefix;
    n->offset = sim->topics[s->note_topic].parts[0].end;
    n->time_ms = sim->now_ms;
    sim->notes_ever++;
    /* Of all but incremental snapshots each one has an id of its own. */
    if (!note->incremental || note->id[0] == '\0')
        (void)snprintf(n->id, sizeof(n->id), "%08x-1c7e-4b7f-92f1-%012llx",
                       (unsigned)(sim_noise(sim, 31, (uint64_t)sim->notes_ever) * 4294967295.0),
                       (unsigned long long)sim->notes_ever * 7919);
    sim_topic_put(sim, &sim->topics[s->note_topic], 1);
}

/* Those that remain of an incremental one; all of a full one. */
static void set_list(struct sim *sim, struct sim_source *s)
{
    const char *list = "";
    int from = s->shot.blocking ? 0 : s->shot.current;
    for (int i = from; i < s->shot.ntables; i++)
        list = arena_printf(sim->arena, "%s%spublic.%s", list, i > from ? "," : "",
                            s->tables[s->shot.tables[i]].made->name);
    s->shot.list = list;
}

static struct sim_note note_of(const struct sim_source *s, const char *type)
{
    struct sim_note note = {.incremental = !s->shot.blocking,
                            .last_key = UNKNOWN,
                            .maximum = UNKNOWN,
                            .rows = UNKNOWN,
                            .tables = ""};
    (void)snprintf(note.type, sizeof(note.type), "%s", type);
    (void)snprintf(note.id, sizeof(note.id), "%s", s->shot.blocking ? "" : s->shot.id);
    return note;
}

static void name_table(const struct sim_source *s, struct sim_note *note, int at)
{
    (void)snprintf(note->table, sizeof(note->table), "public.%s",
                   s->tables[s->shot.tables[at]].made->name);
}

static const struct sim_table *present(const struct sim_source *s)
{
    return &s->tables[s->shot.tables[s->shot.current]];
}

static void begin_table(struct sim *sim, struct sim_source *s)
{
    set_list(sim, s);
    s->shot.done = s->shot.chunk_done = 0;
    s->shot.due = 0;
    s->shot.total = s->shot.current < s->shot.ntables ? present(s)->rows : 0;
}

/* Tables that come while one runs are added to it, and it goes on under the later id. */
static bool add_tables(struct sim_source *s, const char *id, const int *tables, int n)
{
    if (!s->shot.runs || s->shot.blocking)
        return false;
    (void)snprintf(s->shot.id, sizeof(s->shot.id), "%s", id);
    for (int i = 0; i < n && s->shot.ntables < (int)ARRAY_LEN(s->shot.tables); i++)
        s->shot.tables[s->shot.ntables++] = tables[i];
    return true;
}

void sim_shot_start(struct sim *sim, struct sim_source *s, const char *id, const int *tables, int n,
                    bool blocking, bool initial)
{
    if (!blocking && add_tables(s, id, tables, n))
        return;
    s->shot = (struct sim_shot){.runs = true, .blocking = blocking, .initial = initial};
    (void)snprintf(s->shot.id, sizeof(s->shot.id), "%s", id != NULL ? id : "");
    for (int i = 0; i < n && i < (int)ARRAY_LEN(s->shot.tables); i++)
        s->shot.tables[s->shot.ntables++] = tables[i];
    s->in_snapshot = blocking;
    begin_table(sim, s);
    struct sim_note started = note_of(s, "STARTED");
    started.tables = blocking ? "" : s->shot.list;
    sim_note(sim, s, &started);
    for (int i = 0; blocking && i < s->shot.ntables; i++) { /* all of them at once */
        struct sim_note note = note_of(s, "IN_PROGRESS");
        note.tables = s->shot.list;
        name_table(s, &note, i);
        sim_note(sim, s, &note);
    }
}

static void tell_chunk(struct sim *sim, struct sim_source *s)
{
    struct sim_note note = note_of(s, "IN_PROGRESS");
    note.tables = s->shot.list;
    name_table(s, &note, s->shot.current);
    note.last_key = s->shot.done;
    note.maximum = s->shot.total;
    sim_note(sim, s, &note);
    if (s->signal >= 0)
        sim_write(sim, s, s->signal, 2); /* the marks around it */
}

static void end_table(struct sim *sim, struct sim_source *s)
{
    struct sim_note note = note_of(s, "TABLE_SCAN_COMPLETED");
    note.tables = s->shot.list;
    name_table(s, &note, s->shot.current);
    note.rows = s->shot.done;
    sim_note(sim, s, &note);
    s->shot.current++;
    begin_table(sim, s);
    if (s->shot.current < s->shot.ntables)
        return;
    s->shot.runs = false;
    struct sim_note done = note_of(s, "COMPLETED");
    sim_note(sim, s, &done);
}

/* Rows that are read go into the topic like changes. */
void sim_shot_tick(struct sim *sim, struct sim_source *s, double dt)
{
    struct sim_shot *shot = &s->shot;
    if (shot->paused || sim->down[SOURCE_KAFKA] != NULL)
        return;
    shot->due += (double)s->made->chunk * (shot->blocking ? FULL_FASTER : 1) * dt;
    int64_t left = shot->total - shot->done;
    int64_t n = (int64_t)floor(shot->due);
    n = n < left ? n : left;
    shot->due -= (double)n;
    shot->done += n;
    const struct sim_table *t = present(s);
    if (n > 0 && t->topic >= 0)
        sim_topic_put(sim, &sim->topics[t->topic], (double)n);
    if (!shot->blocking && shot->done - shot->chunk_done >= CHUNK) {
        shot->chunk_done = shot->done;
        tell_chunk(sim, s);
    }
    if (shot->done >= shot->total)
        end_table(sim, s);
}

void sim_shot_steer(struct sim *sim, struct sim_source *s, const char *type)
{
    bool stop = strcmp(type, "STOPPED") == 0;
    if (!s->shot.runs || s->shot.blocking)
        return;
    s->shot.paused = strcmp(type, "PAUSED") == 0;
    struct sim_note note = note_of(s, stop ? "COMPLETED" : type);
    sim_note(sim, s, &note);
    if (!stop)
        return;
    struct sim_note aborted = note_of(s, "ABORTED"); /* under an id of its own */
    aborted.id[0] = '\0';
    sim_note(sim, s, &aborted);
    s->shot.runs = false;
}
