/* Checks of clocks and of encryption, at every server that tells. */
#include "base/clock.h"
#include "base/human.h"
#include "check/checks.h"
#include "config/msk_kind.h"

#include <string.h>

enum { SKEW_MS = 5000 };
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

static const enum hop_id hop_of[SOURCE_KIND_COUNT] = {
    [SOURCE_POSTGRES] = HOP_SOURCE,     [SOURCE_KAFKA] = HOP_TOPICS,
    [SOURCE_CONNECT] = HOP_CAPTURE,     [SOURCE_S3] = HOP_OBJECTS,
    [SOURCE_MSK_CONNECT] = HOP_CAPTURE, [SOURCE_DMS] = HOP_CAPTURE,
    [SOURCE_MSK] = HOP_TOPICS,
};

static struct check_line *say_of(struct check_run *run, enum source_kind kind,
                                 enum check_result result, const char *evidence)
{
    struct check_line *line = check_say(run, source_kind_title(kind), result, "%s", evidence);
    line->hop = hop_of[kind];
    return line;
}

static void judge_clock(struct check_run *run, enum source_kind kind, const struct snapshot *snap)
{
    char text[HUMAN_SIZE];
    if (snap->server_ms == UNKNOWN) {
        (void)say_of(run, kind, RESULT_UNKNOWN, "it tells no time");
        return;
    }
    int64_t skew = snap->server_ms - snap->wall_ms;
    bool off = skew > SKEW_MS || skew < -SKEW_MS;
    struct check_line *line =
        say_of(run, kind, off ? RESULT_WARNING : RESULT_OK,
               off ? arena_printf(run->arena, "%s %s this machine's",
                                  human_duration_ms(text, skew < 0 ? -skew : skew),
                                  skew < 0 ? "behind" : "ahead of")
                   : "within 5 s of this machine's");
    check_fix(run, line, FIX_SHELL, "timedatectl set-ntp true");
}

/* Kafka's protocol tells no time. */
static void clocks(struct check_run *run)
{
    static const enum source_kind kinds[] = {SOURCE_POSTGRES, SOURCE_CONNECT, SOURCE_S3};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (world_state(run->world, run->index, kinds[i]) == STATE_FRESH)
            judge_clock(run, kinds[i], world_snap(run->world, run->index, kinds[i]));
    }
}

/* ---- TLS ------------------------------------------------------------------------------------- */

/* Where that server is, for saying whether the way there leaves this machine. */
static const char *address_of(const struct check_run *run, enum source_kind kind,
                              const struct snapshot *snap)
{
    const struct strlist *brokers = &run->config->kafka.bootstrap_servers;
    switch (kind) {
    case SOURCE_POSTGRES: return snap->pg.host;
    case SOURCE_CONNECT: return snap->connect.url;
    case SOURCE_S3: return snap->s3.endpoint;
    case SOURCE_KAFKA:
        if (brokers->count > 0)
            return brokers->items[0];
        return snap->kafka.nbrokers > 0 ? snap->kafka.brokers[0].host : NULL;
    case SOURCE_AWS: return run->config->aws.endpoint;
    default: break;
    }
    return NULL;
}

static enum tri is_encrypted(const struct check_run *run, enum source_kind kind,
                             const struct snapshot *snap)
{
    if (kind != SOURCE_KAFKA)
        return snap->encrypted;
    /* The client does as it is told, by the configuration or by what MSK has on. */
    const struct snapshot *msk = world_snap(run->world, run->index, SOURCE_MSK);
    const struct msk_kind *found = NULL;
    if (run->config->kafka.bootstrap_servers.count == 0 && msk != NULL && msk->msk.wanted != NULL)
        found = msk_kind_of(msk->msk.wanted);
    const char *protocol = found != NULL ? found->protocol : run->config->kafka.security_protocol;
    return strstr(protocol, "SSL") != NULL ? TRI_YES : TRI_NO;
}

static void encryption(struct check_run *run)
{
    static const char *const fixes[SOURCE_KIND_COUNT] = {
        [SOURCE_POSTGRES] = "sslmode=verify-full in conninfo",
        [SOURCE_KAFKA] = "security_protocol = \"SASL_SSL\" or \"SSL\" in [pipeline.kafka]",
        [SOURCE_CONNECT] = "an https:// address in [pipeline.connect] urls",
        [SOURCE_S3] = "an https:// endpoint in [pipeline.s3]",
        [SOURCE_AWS] = "an https:// endpoint in [pipeline.aws], or AWS's own",
    };
    /* AWS's other services are reached as its STS is. */
    for (int k = 0; k <= SOURCE_AWS; k++) {
        enum source_kind kind = (enum source_kind)k;
        const struct snapshot *snap = world_snap(run->world, run->index, kind);
        if (world_state(run->world, run->index, kind) != STATE_FRESH)
            continue;
        const char *address = address_of(run, kind, snap);
        enum tri yes = is_encrypted(run, kind, snap);
        bool local = address != NULL && check_is_local(address);
        if (yes == TRI_UNKNOWN) {
            (void)say_of(run, kind, RESULT_UNKNOWN, "whether it is encrypted was not told");
        } else if (yes == TRI_YES) {
            (void)say_of(run, kind, RESULT_OK, snap->tls != NULL ? snap->tls : "TLS");
        } else {
            struct check_line *line =
                say_of(run, kind, local ? RESULT_OK : RESULT_WARNING,
                       local ? "plain text, on this machine only" : "plain text over the network");
            check_fix(run, line, FIX_OTHER, "%s", fixes[kind]);
        }
    }
}

static void certificates(struct check_run *run)
{
    char text[HUMAN_SIZE], when[40];
    for (int k = 0; k < SOURCE_OWN_COUNT; k++) { /* those of AWS are AWS's to renew */
        enum source_kind kind = (enum source_kind)k;
        const struct snapshot *snap = world_snap(run->world, run->index, kind);
        if (world_state(run->world, run->index, kind) != STATE_FRESH ||
            is_encrypted(run, kind, snap) != TRI_YES)
            continue;
        if (snap->certificate_ends_ms == UNKNOWN) {
            (void)say_of(run, kind, RESULT_UNKNOWN,
                         "until when its certificate holds was not told");
            continue;
        }
        int64_t left = snap->certificate_ends_ms - run->world->wall_ms;
        (void)clock_iso_ms(snap->certificate_ends_ms, when, sizeof(when));
        struct check_line *line =
            say_of(run, kind,
                   left <= 0            ? RESULT_FAILED
                   : left < 30 * DAY_MS ? RESULT_WARNING
                                        : RESULT_OK,
                   left <= 0 ? arena_printf(run->arena, "its certificate ended %s", when)
                             : arena_printf(run->arena, "its certificate ends %s, in %s", when,
                                            human_duration_ms(text, left)));
        check_fix(run, line, FIX_OTHER, "renew the server's certificate before that");
    }
}

static void database(struct check_run *run, const struct connector_row *c)
{
    const char *mode = check_config(c, "database.sslmode");
    const char *host = c->facts->db_host;
    bool sure = mode != NULL && (strcmp(mode, "require") == 0 || strncmp(mode, "verify", 6) == 0);
    bool local = host != NULL && check_is_local(host);
    struct check_line *line =
        check_say(run, c->base.name, sure || local ? RESULT_OK : RESULT_WARNING,
                  "database.sslmode = %s%s", mode != NULL ? mode : "prefer (not set)",
                  sure    ? ""
                  : local ? ", on its own machine"
                          : ": it may read the database in plain text");
    check_fix(run, line, FIX_CONFIG, "\"database.sslmode\": \"verify-full\"");
}

#define CONN NEEDS_OF(SOURCE_CONNECT)

const struct check_row checks_trust[] = {
    {"clock.skew",    "clocks agree", HOP_SOURCE, 0, .eval = clocks},
    {"tls.used",     "the way there is encrypted", HOP_SOURCE, 0, .eval = encryption},
    {"tls.certificate", "certificates hold for a month", HOP_SOURCE, 0, .eval = certificates},
    {"tls.database",      "the connector reads the database encrypted", HOP_CAPTURE, CONN,
     .of_source = database},
    {.id = NULL    },
};
