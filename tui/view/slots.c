/* slots.c: pane 1: replication slots. */
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/pane.h"

#include <math.h>
#include <string.h>

static const struct slot_row *slot_of(const struct row_base *row)
{
    return (const struct slot_row *)row;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t n = s->p != NULL ? s->p->nslots : 0;
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &s->p->slots[i].base;
    return n;
}

static unsigned loud(const struct row_base *row)
{
    return row->verdict >= VERDICT_WARN ? glyph_style(row->verdict) : (unsigned)ROLE_TEXT;
}

static void state_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct slot_row *r = slot_of(row);
    (void)ctx;
    out->text = r->state;
    out->style = r->slot->active == TRI_YES ? (unsigned)ROLE_TEXT : loud(row);
}

static void behind_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_bytes(out->buf, slot_of(row)->behind);
}

static void retained_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_bytes(out->buf, slot_of(row)->retained);
    out->style = loud(row);
}

static void lost_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_duration_ms(out->buf, slot_of(row)->lost_in_ms);
    out->style = slot_of(row)->lost_in_ms != UNKNOWN ? loud(row) : (unsigned)ROLE_DIM;
}

static void owner_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct connect_connector *owner = slot_of(row)->owner;
    (void)ctx;
    out->text = owner != NULL ? owner->name : "none known";
    out->style = owner != NULL ? ROLE_TEXT : ROLE_DIM;
}

static void growth_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    double rate = slot_of(row)->retained_rate;
    (void)ctx;
    out->text = isnan(rate) ? "…" : human_byte_rate(out->buf, rate);
}

static void wal_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *status = slot_of(row)->slot->wal_status;
    (void)ctx;
    out->text = status != NULL ? status : "–";
}

static void database_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *name = slot_of(row)->slot->database;
    (void)ctx;
    out->text = name != NULL ? name : "–";
    out->style = ROLE_DIM;
}

static void plugin_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct pg_slot *slot = slot_of(row)->slot;
    (void)ctx;
    out->text = slot->plugin != NULL ? slot->plugin : slot->type != NULL ? slot->type : "–";
    out->style = ROLE_DIM;
}

static int by_state(const struct row_base *a, const struct row_base *b)
{
    return strcmp(slot_of(a)->state, slot_of(b)->state);
}
static int by_behind(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(slot_of(a)->behind, slot_of(b)->behind);
}
static int by_retained(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(slot_of(a)->retained, slot_of(b)->retained);
}
static int by_lost(const struct row_base *a, const struct row_base *b)
{
    /* Nothing in sight is the longest time, not the shortest. */
    int64_t x = slot_of(a)->lost_in_ms;
    int64_t y = slot_of(b)->lost_in_ms;
    return compare_i64(x == UNKNOWN ? INT64_MAX : x, y == UNKNOWN ? INT64_MAX : y);
}
static int by_growth(const struct row_base *a, const struct row_base *b)
{
    return compare_double(slot_of(a)->retained_rate, slot_of(b)->retained_rate);
}
static int by_owner(const struct row_base *a, const struct row_base *b)
{
    const struct connect_connector *x = slot_of(a)->owner;
    const struct connect_connector *y = slot_of(b)->owner;
    return strcmp(x != NULL ? x->name : "", y != NULL ? y->name : "");
}

static const char *connector(const struct row_base *row)
{
    const struct connect_connector *owner = slot_of(row)->owner;
    return owner != NULL ? owner->name : NULL;
}

static const char *slot(const struct row_base *row)
{
    return row->name;
}

static const char *note(const struct scene *s)
{
    char n[HUMAN_SIZE];
    if (s->p == NULL || s->p->nslots == 0)
        return NULL;
    return scene_text(s, "%s", human_count(n, (int64_t)s->p->nslots));
}

static const struct column columns[] = {
    {.id = "slot",
     .title = "SLOT",
     .help = "name of the replication slot",
     .width = 12,
     .grow = 40,
     .cell = cell_name,
     .compare = compare_name                                                           },
    {.id = "state",
     .title = "STATE",
     .help = "active, idle for how long, lost",
     .width = 9,
     .priority = 1,
     .cell = state_cell,
     .compare = by_state                                                               },
    {.id = "behind",
     .title = "BEHIND",
     .help = "WAL that the consumer has not confirmed, bytes",
     .width = 8,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = behind_cell,
     .compare = by_behind},
    {.id = "retained",
     .title = "RETAINED",
     .help = "WAL kept on the server's disk for it, bytes",
     .width = 8,
     .priority = 2,
     .right = true,
     .descending = true,
     .cell = retained_cell,
     .compare = by_retained},
    {.id = "lost",
     .title = "LOST IN",
     .help = "time until the slot is lost or the limit is reached, at the present rate",
     .width = 8,
     .priority = 4,
     .right = true,
     .cell = lost_cell,
     .compare = by_lost},
    {.id = "owner",
     .title = "OWNER",
     .help = "connector that names this slot",
     .width = 12,
     .grow = 28,
     .priority = 5,
     .cell = owner_cell,
     .compare = by_owner},
    {.id = "growth",
     .title = "GROWTH",
     .help = "how fast the retained WAL grows, bytes per second",
     .width = 9,
     .priority = 6,
     .right = true,
     .descending = true,
     .cell = growth_cell,
     .compare = by_growth},
    {.id = "wal",
     .title = "WAL",
     .help = "wal_status: reserved, extended, unreserved, lost",
     .width = 10,
     .priority = 7,
     .cell = wal_cell,
     .compare = compare_name                                                              },
    {.id = "database",
     .title = "DATABASE",
     .help = "database that it decodes",
     .width = 10,
     .grow = 20,
     .priority = 8,
     .cell = database_cell,
     .compare = compare_name},
    {.id = "plugin",
     .title = "PLUGIN",
     .help = "output plugin, or physical",
     .width = 10,
     .priority = 9,
     .cell = plugin_cell,
     .compare = compare_name                                                             },
};

const struct pane_ops pane_slots = {
    .id = PANE_SLOTS,
    .number = "1",
    .title = "Slots",
    .tab = "Slots",
    .empty = "this server has no replication slot",
    .has_source = true,
    .source = SOURCE_POSTGRES,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .note = note,
    .connector = connector,
    .slot = slot,
    .detail = VIEW_SLOT,
};
