/* bench.c: the figures of speed, as a Markdown table: cdctop on the lab pipeline at 120×36 with its
 * default interval of 2 s, beside pg_activity, htop and btop where they are installed. Run by
 * tests/bench/run.sh, which sees to the lab.
 *
 * Whole-process figures, from a terminal's point of view: time runs from just before fork and exec,
 * or from the write of a key, to the arrival of bytes. */
#include "tests/bench/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { STARTS = 15, KEYS = 300, IDLE_S = 20, QUITS = 10, RESIZES = 200, INTERVAL_MS = 2000 };

enum { CDCTOP, PG_ACTIVITY, HTOP, BTOP, CONTESTANTS };

static const char *const columns[CONTESTANTS] = {"cdctop", "pg_activity", "htop", "btop"};

static bool failed; /* a figure could not be taken */

/* One row; NAN: "–". */
static void row(const char *what, const char *target, const char *unit,
                const double values[CONTESTANTS])
{
    (void)printf("| %s |", what);
    for (int i = 0; i < CONTESTANTS; i++) {
        if (isnan(values[i]))
            (void)printf(" – |");
        else
            (void)printf(" %.*f%s%s |",
                         values[i] < 10    ? 2
                         : values[i] < 100 ? 1
                                           : 0,
                         values[i], unit[0] != '\0' ? " " : "", unit);
    }
    (void)printf(" %s |\n", target);
    (void)fflush(stdout);
}

static void row_one(const char *what, const char *target, const char *unit, double value)
{
    row(what, target, unit, (const double[]){value, NAN, NAN, NAN});
    if (isnan(value))
        failed = true;
}

/* ---- beside each other */

struct side_by_side {
    double first_p50, first_max, key_p50, key_p99;
    struct idle idle;
};

static void measure(const struct contestant *c, int starts, struct side_by_side *out)
{
    struct samples first = {.n = 0}, keys = {.n = 0};
    struct pty *pty = NULL;
    *out = (struct side_by_side){
        NAN, NAN, NAN, NAN, {NAN, NAN, NAN, NAN, NAN}
    };
    for (int i = 0; i < starts; i++) {
        pty_free(pty);
        pty = contestant_start(c, &first);
        if (pty == NULL)
            return;
    }
    out->first_p50 = samples_at(&first, 0.5);
    out->first_max = samples_at(&first, 1);
    pty_settle(pty, 1500, 6000); /* data has arrived, sparklines have begun */
    idle_watch(pty, IDLE_S, &out->idle);
    int lost = key_to_paint(pty, c, KEYS, &keys);
    if (lost > 0)
        (void)fprintf(stderr, "%s: %d of %d keys without a paint within 1 s\n", c->name, lost,
                      KEYS);
    if (lost < KEYS / 2) {
        out->key_p50 = samples_at(&keys, 0.5);
        out->key_p99 = samples_at(&keys, 0.99);
    }
    pty_free(pty);
}

static bool installed(const char *program)
{
    int status;
    char *text = rig_run((const char *const[]){"sh", "-c", "command -v \"$0\"", program, NULL},
                         NULL, 10, &status);
    free(text);
    return status == 0;
}

static void compare(const struct rig_line *cdctop, int pg_port)
{
    char port[16];
    (void)snprintf(port, sizeof(port), "%d", pg_port);
    const struct rig_line pg = {
        .argv = {"pg_activity", "-h", "127.0.0.1", "-p", port, "-U", "cdctop", "-d", "shop", NULL},
        .env = {"PGPASSWORD=lab-password-of-cdctop",         NULL        }
    };
    const struct rig_line htop = {
        .argv = {"htop", "-d", "20", NULL}, /* tenths of a second */
        .env = {NULL }
    };
    const struct rig_line btop = {
        .argv = {"btop", "--utf-force", NULL},
          .env = {NULL }
    };
    const struct contestant all[CONTESTANTS] = {
        {"cdctop",      cdctop, rig_frame,         {"\t", "\t"}        },
        {"pg_activity", &pg,    "RUNNING QUERIES", {"2", "1"}          },
        {"htop",        &htop,  "F10",             {"\033OB", "\033OA"}},
        {"btop",        &btop,  "cpu",             {"\033[B", "\033[A"}},
    };
    struct side_by_side r[CONTESTANTS];
    for (int i = 0; i < CONTESTANTS; i++) {
        r[i] = (struct side_by_side){
            NAN, NAN, NAN, NAN, {NAN, NAN, NAN, NAN, NAN}
        };
        if (i == CDCTOP || installed(all[i].name))
            measure(&all[i], i == PG_ACTIVITY ? 5 : STARTS, &r[i]);
    }
    if (isnan(r[CDCTOP].first_p50))
        failed = true;
#define ROW(what, target, unit, field) \
    row(what, target, unit, (const double[]){r[0].field, r[1].field, r[2].field, r[3].field})
    ROW("first frame after exec, median", "≤ 12 ms", "ms", first_p50);
    ROW("first frame after exec, slowest", "", "ms", first_max);
    ROW("key to paint, p50", "≤ 1 ms", "ms", key_p50);
    ROW("key to paint, p99", "≤ 4 ms", "ms", key_p99);
    ROW("RSS", "≤ 20 MiB", "MiB", idle.rss_mib);
    ROW("CPU of a core", "≤ 0.5 %", "%", idle.cpu_percent);
    ROW("wake-ups", "≤ 60 /s", "/s", idle.wakeups_per_s);
#undef ROW
    double bytes[CONTESTANTS]; /* all of them ask every 2 s */
    for (int i = 0; i < CONTESTANTS; i++)
        bytes[i] = r[i].idle.bytes_per_s * INTERVAL_MS / 1000;
    row("bytes to the terminal for each 2 s refresh", "≤ 1000 B", "B", bytes);
}

/* ---- servers that are frozen */

static double quit_ms(struct pty *pty)
{
    int status;
    const char *why;
    int64_t start = pty_now_us();
    pty_send(pty, "q");
    bool ended = pty_wait_exit(pty, 5000, &status);
    double ms = (double)(pty_now_us() - start) / 1000;
    if (!ended || !WIFEXITED(status) || !pty_terminal_clean(pty, &why))
        return NAN;
    return ms;
}

static void keys_frozen(struct pty *pty, const struct contestant *c, const char *when)
{
    struct samples keys = {.n = 0};
    char what[100];
    int lost = key_to_paint(pty, c, KEYS, &keys);
    if (lost > 0)
        failed = true;
    (void)snprintf(what, sizeof(what), "key to paint, p50, %s", when);
    row_one(what, "≤ 1 ms", "ms", samples_at(&keys, 0.5));
    (void)snprintf(what, sizeof(what), "key to paint, p99, %s", when);
    row_one(what, "≤ 4 ms", "ms", samples_at(&keys, 0.99));
}

static void frozen_from_the_start(void)
{
    struct fake *fakes[RIG_SERVERS];
    struct rig_options options = {0};
    struct rig_line line;
    struct samples first = {.n = 0}, quits = {.n = 0};
    for (int i = 0; i < RIG_SERVERS; i++) {
        fakes[i] = fake_start(&rig_all_frozen[i]);
        options.ports.port[i] = fake_port(fakes[i]);
    }
    rig_command(&line, &options);
    const struct contestant c = {
        "cdctop", &line, rig_frame, {"\t", "\t"}
    };
    for (int i = 0; i < QUITS; i++) {
        struct pty *pty = contestant_start(&c, &first);
        if (pty == NULL) {
            failed = true;
            break;
        }
        if (i == 0) {
            struct idle idle;
            pty_settle(pty, 300, 2000);
            idle_watch(pty, 6, &idle);
            row_one("bytes when only the clock moved", "≤ 100 B", "B", idle.smallest_burst);
            keys_frozen(pty, &c, "all four frozen from the start");
        } else {
            pty_settle(pty, 100, 500);
        }
        samples_add(&quits, quit_ms(pty));
        pty_free(pty);
    }
    row_one("first frame, all four frozen from the start", "≤ 12 ms", "ms",
            samples_at(&first, 0.5));
    row_one("quit, all four frozen from the start, slowest of 10", "≤ 50 ms", "ms",
            samples_at(&quits, 1));
    rig_stop_fakes(fakes);
}

static void fault(const char *what, const char *part)
{
    int status;
    char *text =
        rig_run((const char *const[]){"tests/stack/fault.sh", what, part, NULL}, NULL, 60, &status);
    if (status != 0) {
        (void)fprintf(stderr, "%s %s: %s\n", what, part, text);
        failed = true;
    }
    free(text);
}

/* A source that is late says how old its data is, or what is wrong. */
static int signs_of_trouble(struct pty *pty)
{
    static const char *const signs[] = {" old",  "UNKNOWN",   "unknown",
                                        "stale", "no answer", "timed out"};
    char *screen = pty_screen(pty);
    int n = 0;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        for (const char *p = screen; (p = strstr(p, signs[i])) != NULL; p++)
            n++;
    }
    free(screen);
    return n;
}

/* From SIGSTOP to the admission, in refresh intervals. */
static double admitted_after(struct pty *pty, const char *part)
{
    int before = signs_of_trouble(pty);
    fault("freeze", part);
    int64_t start = pty_now_us();
    while (pty_now_us() - start < 30 * INT64_C(1000000)) {
        pty_pump(pty, 20);
        if (signs_of_trouble(pty) > before)
            return (double)(pty_now_us() - start) / 1000 / INTERVAL_MS;
    }
    return NAN;
}

static void frozen_on_the_way(const struct rig_line *line)
{
    static const char *const parts[] = {"s3", "connect", "kafka", "postgres"};
    const struct contestant c = {
        "cdctop", line, rig_frame, {"\t", "\t"}
    };
    struct pty *pty = contestant_start(&c, NULL);
    if (pty == NULL) {
        failed = true;
        return;
    }
    pty_settle(pty, 1500, 8000);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char what[100];
        (void)snprintf(what, sizeof(what), "stale data admitted after %s froze, in intervals",
                       parts[i]);
        row_one(what, "≤ 1 + the refresh under way", "", admitted_after(pty, parts[i]));
    }
    keys_frozen(pty, &c, "all four servers frozen");
    row_one("quit, all four servers frozen", "≤ 50 ms", "ms", quit_ms(pty));
    pty_free(pty);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        fault("thaw", parts[i]);
}

static void resizes(const struct rig_line *line)
{
    const struct contestant c = {
        "cdctop", line, rig_frame, {"\t", "\t"}
    };
    struct pty *pty = contestant_start(&c, NULL);
    unsigned seed = 1;
    int survived = 0, status;
    while (pty != NULL && survived < RESIZES) {
        seed = seed * 1103515245U + 12345U;
        bool smallest = survived % 20 == 0;
        pty_resize(pty, smallest ? 1 : 1 + (int)(seed >> 16) % 100,
                   smallest ? 1 : 1 + (int)(seed >> 8) % 300);
        pty_pump(pty, 5);
        if (pty_wait_exit(pty, 0, &status))
            break;
        survived++;
    }
    if (pty != NULL) {
        pty_resize(pty, 36, 120);
        if (!pty_expect(pty, rig_frame, 5000))
            survived = 0;
    }
    pty_free(pty);
    row_one("random resizes down to 1×1 survived", "200", "", survived > 0 ? survived : NAN);
}

/* Behind a slow line: from the key to the last thing that it leads to, while refreshes go on. */
static void slow_terminal(void)
{
    enum { SLOW = 2048, PAGES = 12, WAIT_MS = 20000 };
    static const char page[] = "next row or line";
    const char *argv[] = {rig_program(), "--demo", "--demo-speed", "20", NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    struct samples keys = {.n = 0};
    bool ok = pty != NULL && pty_expect(pty, rig_frame, WAIT_MS);
    if (ok)
        pty_throttle(pty, SLOW);
    for (int i = 0; ok && i < PAGES; i++) {
        int64_t start = pty_now_us();
        pty_send(pty, "?");
        ok = pty_expect(pty, page, WAIT_MS);
        samples_add(&keys, (double)(pty_now_us() - start) / 1000);
        pty_send(pty, "\033");
        ok = ok && pty_expect_gone(pty, page, WAIT_MS);
    }
    pty_free(pty);
    row_one("key to a new page on a terminal that takes 2 KB/s, p50", "≤ 3000 ms", "ms",
            samples_at(&keys, 0.5));
    row_one("key to a new page on a terminal that takes 2 KB/s, slowest", "≤ 4000 ms", "ms",
            samples_at(&keys, 1));
    failed = failed || !ok;
}

int main(void)
{
    struct rig_options options = {0};
    struct rig_line line;
    if (!rig_lab(&options.ports)) {
        (void)fprintf(stderr, "bench: no lab; run it with 'make bench'\n");
        return 1;
    }
    rig_command(&line, &options);
    (void)printf("|  |");
    for (int i = 0; i < CONTESTANTS; i++)
        (void)printf(" %s |", columns[i]);
    (void)printf(" target |\n|---|---|---|---|---|---|\n");
    compare(&line, options.ports.port[RIG_PG]);
    frozen_from_the_start();
    frozen_on_the_way(&line);
    resizes(&line);
    slow_terminal();
    return failed ? 1 : 0;
}
