/* Checks of the bucket: may it be listed, is it the one that sinks write to, what is left behind.
 */
#include "base/human.h"
#include "base/iamtext.h"
#include "base/mem.h"
#include "base/s3url.h"
#include "check/checks.h"

#include <inttypes.h>
#include <string.h>

enum { OLD_UPLOAD_MS = 24 * 60 * 60 * 1000 };

static const struct connector_row *next_s3_sink(const struct check_run *run, size_t *at)
{
    const struct connector_row *c;
    while ((c = check_next_sink(run, at)) != NULL) {
        if (connector_role_is_s3(c->facts->role))
            return c;
    }
    return NULL;
}

/* The bucket that is watched, as far as anybody tells; NULL. */
static const char *bucket_of(struct check_run *run)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_S3);
    const char *url = run->config->s3.url;
    size_t at = 0;
    if (snap != NULL && snap->s3.bucket != NULL)
        return snap->s3.bucket;
    size_t n;
    const char *bucket = s3url_bucket(url, &n);
    if (bucket != NULL)
        return arena_strndup(run->arena, bucket, n);
    const struct connector_row *c = next_s3_sink(run, &at);
    return c != NULL ? c->facts->bucket : NULL;
}

/* Where in it: what a policy must name. */
static const char *prefix_of(struct check_run *run)
{
    const char *url = run->config->s3.url;
    size_t at = 0;
    size_t n;
    const char *bucket = s3url_bucket(url, &n);
    if (bucket != NULL && bucket[n] == '/' && bucket[n + 1] != '\0')
        return arena_printf(run->arena, "%s/*", bucket + n + 1);
    const struct connector_row *c = next_s3_sink(run, &at);
    if (c == NULL)
        return "*";
    if (c->facts->role == CONNECTOR_SINK_S3_AIVEN)
        return arena_printf(run->arena, "%s*", c->facts->name_prefix);
    return arena_printf(run->arena, "%s/*", c->facts->topics_dir);
}

static void allow_list(struct check_run *run, struct check_line *line)
{
    const char *bucket = bucket_of(run);
    if (bucket == NULL)
        return;
    const char *arn = strncmp(bucket, "arn:", 4) == 0
                          ? bucket
                          : arena_printf(run->arena, "arn:aws:s3:::%s", bucket);
    check_fix(run, line, FIX_IAM,
              "{\n  \"Effect\": \"Allow\",\n  \"Action\": \"s3:ListBucket\",\n  \"Resource\": %s,\n"
              "  \"Condition\": {\"StringLike\": {\"s3:prefix\": [%s]}}\n}",
              check_string(run, arn), check_string(run, prefix_of(run)));
}

/* What allows what was refused, as far as the server's words tell; what is listed otherwise. */
static void allow(struct check_run *run, struct check_line *line, const char *text)
{
    char words[IAM_STATEMENT];
    struct iam_denial denial;
    if (iam_denial_read(text, &denial) && !denial.explicitly)
        check_fix(run, line, FIX_IAM, "%s", iam_statement(words, sizeof(words), &denial));
    else if (denial.explicitly)
        check_fix(run, line, FIX_OTHER, "%s", iam_advice(words, sizeof(words), &denial));
    else if (strstr(text, "refused by the KMS key") != NULL)
        check_fix(
            run, line, FIX_OTHER,
            "enable the key of the bucket, and allow kms:Decrypt with it in its own policy and "
            "in that of who asks");
    else
        allow_list(run, line);
}

static void judge_error(struct check_run *run, const struct err *err)
{
    static const enum err_kind certain[] = {ERR_DENIED, ERR_AUTH, ERR_NOTFOUND};
    enum check_result result = RESULT_UNKNOWN;
    for (size_t i = 0; i < ARRAY_LEN(certain); i++)
        result = err->kind == certain[i] ? RESULT_FAILED : result;
    struct check_line *line = check_say(run, bucket_of(run), result, "%s", err->text);
    if (err->kind == ERR_DENIED) {
        allow(run, line, err->text);
        return;
    }
    if (err->kind == ERR_NOTFOUND && bucket_of(run) != NULL) {
        check_fix(run, line, FIX_SHELL, "aws s3 mb s3://%s", check_word(run, bucket_of(run)));
        return;
    }
    check_fix(run, line, FIX_OTHER, "%s", iam_next_step(err));
}

static void list(struct check_run *run)
{
    const struct source_slot *s = &run->world->pipelines[run->index].sources[SOURCE_S3];
    enum source_state state = world_state(run->world, run->index, SOURCE_S3);
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_S3);
    size_t at = 0, bad = 0;
    if (state == STATE_OFF && next_s3_sink(run, &at) == NULL)
        return;
    if (state == STATE_FAILING) {
        judge_error(run, &s->err);
        return;
    }
    if (state != STATE_FRESH || snap == NULL) {
        (void)check_say(run, bucket_of(run), RESULT_UNKNOWN, "%s",
                        state == STATE_OFF ? "S3 is not known: give --s3" : "S3 has not answered");
        return;
    }
    for (size_t i = 0; i < snap->s3.nprefixes; i++) {
        const struct s3_prefix *p = &snap->s3.prefixes[i];
        if (p->error == NULL)
            continue;
        bad++;
        allow(run, check_say(run, p->path, RESULT_FAILED, "%s", p->error), p->error);
    }
    if (bad == 0)
        (void)check_say(run, snap->s3.bucket, RESULT_OK, "%zu topics found in it",
                        snap->s3.nprefixes);
}

static void watched(struct check_run *run)
{
    size_t at = 0;
    const struct connector_row *c;
    while ((c = next_s3_sink(run, &at)) != NULL) {
        const char *bucket = c->facts->bucket, *seen = run->s3->bucket;
        if (bucket == NULL) {
            struct check_line *line =
                check_say(run, c->base.name, RESULT_FAILED, "it names no bucket");
            check_fix(run, line, FIX_CONFIG, "\"%s\": %s",
                      c->facts->role == CONNECTOR_SINK_S3_AIVEN ? "aws.s3.bucket.name"
                                                                : "s3.bucket.name",
                      check_string(run, seen != NULL ? seen : "BUCKET"));
            continue;
        }
        bool same = seen != NULL && strcmp(bucket, seen) == 0;
        (void)check_say(
            run, c->base.name, same ? RESULT_OK : RESULT_UNKNOWN, "%s%s%s",
            same ? "writes to " : "writes to another bucket, which is not watched: ", bucket, "");
    }
}

static void uploads(struct check_run *run)
{
    int64_t count = 0, oldest = UNKNOWN;
    bool unread = run->s3->nprefixes == 0;
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_S3);
    int64_t now = snap->server_ms != UNKNOWN ? snap->server_ms : snap->wall_ms;
    for (size_t i = 0; i < run->s3->nprefixes; i++) {
        const struct s3_prefix *p = &run->s3->prefixes[i];
        unread = unread || p->uploads == UNKNOWN;
        count += p->uploads == UNKNOWN ? 0 : p->uploads;
        if (p->oldest_upload_ms != UNKNOWN && (oldest == UNKNOWN || p->oldest_upload_ms < oldest))
            oldest = p->oldest_upload_ms;
    }
    char text[HUMAN_SIZE];
    const char *bucket = run->s3->bucket;
    struct check_line *line;
    if (oldest != UNKNOWN && now - oldest > OLD_UPLOAD_MS) {
        line = check_say(run, bucket, RESULT_WARNING,
                         "%" PRId64 " unfinished uploads, the oldest %s old: they cost and show "
                         "nowhere",
                         count, human_duration_ms(text, now - oldest));
        check_fix(run, line, FIX_SHELL,
                  "aws s3api put-bucket-lifecycle-configuration --bucket %s "
                  "--lifecycle-configuration '{\"Rules\":[{\"ID\":\"abort-uploads\",\"Status\":"
                  "\"Enabled\",\"Filter\":{},\"AbortIncompleteMultipartUpload\":"
                  "{\"DaysAfterInitiation\":2}}]}'",
                  check_word(run, bucket));
    } else if (unread) {
        line = check_say(run, bucket, RESULT_UNKNOWN, "unfinished uploads were not read");
        check_fix(run, line, FIX_IAM,
                  "{\n  \"Effect\": \"Allow\",\n  \"Action\": \"s3:ListBucketMultipartUploads\",\n"
                  "  \"Resource\": %s\n}",
                  check_string(run, arena_printf(run->arena, "arn:aws:s3:::%s", bucket)));
    } else {
        (void)check_say(run, bucket, RESULT_OK, "%" PRId64 " unfinished uploads, none old", count);
    }
}

#define S3      NEEDS_OF(SOURCE_S3)
#define S3_CONN (NEEDS_OF(SOURCE_S3) | NEEDS_OF(SOURCE_CONNECT))

const struct check_row checks_s3[] = {
    {"s3.list",     "the bucket may be listed", HOP_OBJECTS, 0, .eval = list},
    {"s3.bucket",  "the sink's bucket is the one that is watched", HOP_OBJECTS, S3_CONN,
     .eval = watched},
    {"s3.uploads", "no unfinished uploads are left behind", HOP_OBJECTS, S3, .eval = uploads},
    {.id = NULL  },
};
