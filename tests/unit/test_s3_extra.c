/* What the S3 source asks beside its walk: uploads, records, what was deleted, and from which
 * offset on its picture is whole. */
#include "tests/check.h"
#include "tests/unit/s3_rig.h"

#include <stdio.h>
#include <string.h>

static bool noted(const struct snapshot *snap, const char *fix)
{
    for (size_t i = 0; i < snap->notes.count; i++) {
        if (snap->notes.items[i].fix != NULL && strstr(snap->notes.items[i].fix, fix) != NULL)
            return true;
    }
    return false;
}

static void test_unfinished_uploads_are_counted_once_a_minute(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("13", "0"), 10, 0, 10, 5, ".json", NOW - 3600000);
    f->s3.uploads =
        "<ListMultipartUploadsResult>"
        "<Upload><Key>topics/shop.public.orders/a/shop.public.orders+0+0000000000.json</Key>"
        "<UploadId>1</UploadId><Initiated>2026-11-19T10:00:00.000Z</Initiated></Upload>"
        "<Upload><Key>topics/shop.public.orders/a/shop.public.orders+0+0000000010.json</Key>"
        "<UploadId>2</UploadId><Initiated>2026-11-18T10:00:00.000Z</Initiated></Upload>"
        "<Upload><Key>topics/other/a/other+0+0000000010.json</Key><UploadId>3</UploadId></Upload>"
        "</ListMultipartUploadsResult>";
    struct snapshot *snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].uploads, 2);
    assert_true(snap->s3.prefixes[0].oldest_upload_ms == INT64_C(1794996000000));
    assert_int_equal(snap->notes.count, 0);
    snapshot_free(snap);
    snapshot_free(s3_rig_done(f));
    assert_int_equal(f->s3.uploads_asked, 1);
}

static void test_uploads_that_may_not_be_listed_are_unknown_and_the_right_is_named(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("13", "0"), 10, 0, 10, 5, ".json", NOW - 3600000);
    static const int refusals[] = {403, 501};
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        f->s3.uploads_status = refusals[i];
        source_s3.close(f->source);
        f->source = source_s3.open(&f->cfg, NULL);
        struct snapshot *snap = s3_rig_done(f);
        assert_true(snap->s3.prefixes[0].uploads == UNKNOWN);
        assert_true(snap->s3.prefixes[0].oldest_upload_ms == UNKNOWN);
        assert_true(noted(snap, "s3:ListBucketMultipartUploads"));
        snapshot_free(snap);
        snap = s3_rig_done(f); /* the note stays, the question is not repeated */
        assert_true(noted(snap, "s3:ListBucketMultipartUploads"));
        snapshot_free(snap);
        assert_int_equal(f->s3.uploads_asked, i + 1);
    }
}

static void test_records_are_counted_only_when_asked_for_and_once(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("13", "0"), 10, 0, 3, 7, ".json", NOW - 3600000);
    f->s3.body = "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n";
    struct snapshot *snap = s3_rig_done(f);
    assert_true(snap->s3.prefixes[0].objects[0].records == UNKNOWN);
    assert_int_equal(f->s3.gets, 0);
    snapshot_free(snap);

    f->cfg.s3.count_records = true;
    snap = s3_rig_done(f); /* a few in each poll, the newest first */
    assert_int_equal(snap->s3.prefixes[0].objects[0].records, 3);
    assert_int_equal(snap->s3.prefixes[0].objects[4].records, 3);
    assert_true(snap->s3.prefixes[0].objects[5].records == UNKNOWN);
    snapshot_free(snap);
    snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].objects[6].records, 3);
    snapshot_free(snap);
    snapshot_free(s3_rig_done(f));
    assert_int_equal(f->s3.gets, 7);
}

static void test_what_is_no_document_of_lines_is_not_counted(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *ext, *body;
        int64_t gets, records;
    } cases[] = {
        {".json.gz", "\x1f\x8b\x08",                  0, UNKNOWN},
        {".bin",     "a\nb\n",                        0, UNKNOWN},
        {".avro",    "Obj",                           0, UNKNOWN},
        {".json",    "[\n{\"id\":1},\n{\"id\":2}\n]", 1, UNKNOWN}, /* Aiven's "json" */
        {".json",    "{\"id\":1}\n{\"id\":2}",        1, 2      }, /* Aiven's "jsonl" */
        {"",         "{\"id\":1}\n{\"id\":2}",        1, 2      },
    };
    f->cfg.s3.count_records = true;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f->s3.gets = 0;
        f->s3.nspans = 0;
        f->s3.body = cases[i].body;
        fakes3_put(&f->s3, LANE("13", "0"), 10, 0, 1, 1, cases[i].ext, NOW - 3600000);
        source_s3.close(f->source);
        f->source = source_s3.open(&f->cfg, NULL);
        struct snapshot *snap = s3_rig_done(f);
        assert_int_equal(f->s3.gets, cases[i].gets);
        assert_true(snap->s3.prefixes[0].objects[0].records == cases[i].records);
        snapshot_free(snap);
    }
}

static void test_objects_that_may_not_be_read_stay_unknown(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("13", "0"), 10, 0, 3, 7, ".json", NOW - 3600000);
    f->cfg.s3.count_records = true;
    f->s3.get_status = 403;
    struct snapshot *snap = s3_rig_done(f);
    assert_true(snap->s3.prefixes[0].objects[0].records == UNKNOWN);
    assert_true(noted(snap, "s3:GetObject"));
    snapshot_free(snap);
    snapshot_free(s3_rig_done(f));
    assert_int_equal(f->s3.gets, 1);
    /* Deleted between listing and reading: no reason to ask again, none to complain. */
    f->s3.get_status = 0;
    f->s3.body = NULL;
    source_s3.close(f->source);
    f->source = source_s3.open(&f->cfg, NULL);
    f->s3.gets = 0;
    for (int i = 0; i < 3; i++) {
        snap = s3_rig_done(f);
        assert_int_equal(snap->notes.count, 0);
        snapshot_free(snap);
    }
    assert_int_equal(f->s3.gets, 7);
}

static void test_deleted_objects_and_those_that_come_back_are_noticed(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("12", "0"), 10, 0, 10, 5, ".json", NOW - 7200000);
    fakes3_put(&f->s3, LANE("13", "0"), 10, 50, 10, 5, ".json", NOW - 3600000);
    f->cfg.s3.recheck_ms = 0; /* at every poll */
    struct snapshot *snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].nobjects, 10);
    snapshot_free(snap);
    (void)snprintf(f->s3.gone, sizeof(f->s3.gone), "%s", LANE("13", "0") "0000000070.json");
    snap = s3_rig_done(f);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    assert_int_equal(p->nobjects, 9);
    for (size_t i = 0; i < p->nobjects; i++)
        assert_true(p->objects[i].start_offset != 70);
    assert_int_equal(p->seen, 10);
    assert_int_equal(p->nfloors, 1);
    assert_int_equal(p->floors[0].from, 0);
    snapshot_free(snap);
    f->s3.gone[0] = '\0'; /* put there again */
    snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].nobjects, 10);
    assert_int_equal(snap->s3.prefixes[0].seen, 10);
    snapshot_free(snap);
}

/* The picture is whole from where nothing was left out or forgotten. */
static void test_the_floor_rises_with_what_is_forgotten(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("13", "0"), 10, 1000, 10, 250, ".json", NOW - 3600000);
    struct snapshot *snap = s3_rig_done(f);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    assert_int_equal(p->nobjects, S3_OBJECTS_KEPT);
    /* 50 of 250 are forgotten: the newest of those begins at 1490. */
    assert_int_equal(p->nfloors, 1);
    assert_int_equal(p->floors[0].from, 1491);
    snapshot_free(snap);
    /* A lane of more than a page is entered at its end. */
    fakes3_put(&f->s3, LANE("13", "1"), 10, 0, 10, 5000, ".json", NOW - 7200000);
    source_s3.close(f->source);
    f->source = source_s3.open(&f->cfg, NULL);
    snap = s3_rig_done(f);
    p = &snap->s3.prefixes[0];
    for (size_t i = 0; i < p->nfloors; i++) {
        if (p->floors[i].partition == 1)
            assert_true(p->floors[i].from > 40000);
    }
    assert_int_equal(p->nfloors, 2);
    snapshot_free(snap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unfinished_uploads_are_counted_once_a_minute,
                                        s3_rig_setup, s3_rig_teardown),
        cmocka_unit_test_setup_teardown(
            test_uploads_that_may_not_be_listed_are_unknown_and_the_right_is_named, s3_rig_setup,
            s3_rig_teardown),
        cmocka_unit_test_setup_teardown(test_records_are_counted_only_when_asked_for_and_once,
                                        s3_rig_setup, s3_rig_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_document_of_lines_is_not_counted,
                                        s3_rig_setup, s3_rig_teardown),
        cmocka_unit_test_setup_teardown(test_objects_that_may_not_be_read_stay_unknown,
                                        s3_rig_setup, s3_rig_teardown),
        cmocka_unit_test_setup_teardown(test_deleted_objects_and_those_that_come_back_are_noticed,
                                        s3_rig_setup, s3_rig_teardown),
        cmocka_unit_test_setup_teardown(test_the_floor_rises_with_what_is_forgotten, s3_rig_setup,
                                        s3_rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
