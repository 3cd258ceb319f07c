#include "tests/unit/capture_world.h"

#include "base/mem.h"
#include "tests/check.h"

#include <string.h>

struct table {
    const char *name;
    char identity;
    enum tri pk;
    int64_t changes, rewrites, toasted;
    bool published;
};

static const struct table healthy[] = {
    {"customers",       'f', TRI_YES, 90,  30,  0, true},
    {"debezium_signal", 'd', TRI_YES, 4,   0,   0, true},
    {"hb",              'd', TRI_YES, 900, 899, 0, true},
    {"orders",          'f', TRI_YES, 100, 40,  0, true},
};

static void set_config(struct snapshot *snap)
{
    fixture_config(snap, "src", "plugin.name", "pgoutput");
    fixture_config(snap, "src", "publication.name", "pub");
    fixture_config(snap, "src", "database.user", "dbz");
    fixture_config(snap, "src", "heartbeat.interval.ms", "10000");
    fixture_config(snap, "src", "heartbeat.action.query",
                   "INSERT INTO public.hb VALUES (1) ON CONFLICT (id) DO UPDATE SET ts = now()");
    fixture_config(snap, "src", "table.include.list", "public\\.(orders|customers)");
}

void capture_connect(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    set_config(snap);
}

static void put_tables(struct snapshot *snap, const struct table *tables, size_t n)
{
    struct pg_snap *pg = &snap->pg;
    pg->relations = arena_array(snap->arena, n, sizeof(*pg->relations));
    pg->tables = arena_array(snap->arena, n, sizeof(*pg->tables));
    for (size_t i = 0; i < n; i++) {
        const struct table *t = &tables[i];
        pg->relations[pg->nrelations++] = (struct pg_relation){.schema = "public",
                                                               .name = t->name,
                                                               .kind = 'r',
                                                               .replica_identity = t->identity,
                                                               .has_pk = t->pk,
                                                               .toastable = TRI_YES,
                                                               .live_rows = 10,
                                                               .changes = t->changes,
                                                               .rewrites = t->rewrites,
                                                               .toasted = t->toasted};
        if (t->published)
            pg->tables[pg->ntables++] = (struct pg_table){.publication = "pub",
                                                          .schema = "public",
                                                          .name = t->name,
                                                          .replica_identity = t->identity,
                                                          .has_pk = t->pk,
                                                          .live_rows = 10,
                                                          .changes = t->changes};
    }
    pg->relations_total = pg->nrelations;
    pg->tables_total = pg->ntables;
}

static struct pg_publication *put_publication(struct snapshot *snap)
{
    struct pg_publication *p = arena_alloc(snap->arena, sizeof(*p));
    *p = (struct pg_publication){
        .name = "pub", .insert = true, .update = true, .delete_ = true, .row_xid = 700};
    snap->pg.publications = p;
    snap->pg.npublications = 1;
    return p;
}

static struct pg_grant *put_roles(struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    pg->logins = arena_alloc(snap->arena, sizeof(*pg->logins));
    pg->logins[pg->nlogins++] = (struct pg_login){.role = "dbz",
                                                  .exists = TRI_YES,
                                                  .can_login = TRI_YES,
                                                  .replication = TRI_YES,
                                                  .valid_until_ms = UNKNOWN};
    pg->grants = arena_array(snap->arena, 2, sizeof(*pg->grants));
    pg->ngrants = 2;
    for (size_t i = 0; i < 2; i++)
        pg->grants[i] = (struct pg_grant){.role = "dbz",
                                          .publication = "pub",
                                          .schema = "public",
                                          .table = i == 0 ? "debezium_signal" : "hb",
                                          .exists = TRI_YES,
                                          .usage = TRI_YES,
                                          .insert = TRI_YES,
                                          .update = TRI_YES,
                                          .published = TRI_YES};
    return pg->grants;
}

/* All of it in order. The edits below change one thing each. */
static void put_healthy(struct snapshot *snap)
{
    put_tables(snap, healthy, ARRAY_LEN(healthy));
    put_publication(snap);
    put_roles(snap);
}

void capture_healthy(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    put_healthy(snap);
}

void capture_with(struct fixture *f, capture_edit_fn *pg)
{
    f->edit[SOURCE_CONNECT] = capture_connect;
    f->edit[SOURCE_POSTGRES] = pg;
}

struct pg_relation *capture_relation(struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->pg.nrelations; i++) {
        if (strcmp(snap->pg.relations[i].name, name) == 0)
            return &snap->pg.relations[i];
    }
    fail_msg("no %s", name);
    return NULL;
}

struct pg_table *capture_table(struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->pg.ntables; i++) {
        if (strcmp(snap->pg.tables[i].name, name) == 0)
            return &snap->pg.tables[i];
    }
    fail_msg("no %s", name);
    return NULL;
}

void capture_unpublish(struct snapshot *snap, const char *name)
{
    struct pg_table *t = capture_table(snap, name);
    *t = snap->pg.tables[--snap->pg.ntables];
    snap->pg.tables_total = snap->pg.ntables;
}

void capture_identity(struct snapshot *snap, const char *name, char identity, enum tri pk)
{
    capture_table(snap, name)->replica_identity = capture_relation(snap, name)->replica_identity =
        identity;
    capture_table(snap, name)->has_pk = capture_relation(snap, name)->has_pk = pk;
}

const struct finding *capture_finding(struct fixture *f, capture_edit_fn *pg, const char *id)
{
    fixture_open(f);
    capture_with(f, pg);
    rule_ticks(f, 4, 2000);
    return fixture_finding(fixture_findings(f), id);
}

void capture_signal_unpublished(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct pg_grant *g = arena_alloc(snap->arena, sizeof(*g));
    *g = (struct pg_grant){.role = "dbz",
                           .schema = "public",
                           .table = "debezium_signal",
                           .exists = TRI_YES,
                           .insert = TRI_YES,
                           .update = TRI_UNKNOWN,
                           .published = TRI_NO};
    snap->pg.grants = g;
    snap->pg.ngrants = 1;
}
