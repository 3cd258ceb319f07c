/* A recording: anybody's bytes as a file that is opened and played to its end, there and back. */
#include "base/mem.h"
#include "config/options.h"
#include "record/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* As an engine does, that keeps the newest snapshot of each source. */
struct taken {
    struct report *reports[SOURCE_KIND_COUNT];
};

static void take_all(const struct backend *b, struct taken *taken)
{
    size_t pipeline;
    struct ledger_entry entry;
    (void)b->ops->mono_ms(b->self);
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        struct report *report = b->ops->take(b->self, 0, (enum source_kind)k);
        if (report == NULL)
            continue;
        if (report->snap == NULL && taken->reports[k] != NULL) {
            report->snap = taken->reports[k]->snap;
            taken->reports[k]->snap = NULL;
        }
        report_free(taken->reports[k]);
        taken->reports[k] = report;
    }
    while (b->ops->acted(b->self, &pipeline, &entry))
        ;
}

static void play(struct reel *reel)
{
    struct backend b = replay_backend(reel);
    struct taken taken = {0};
    struct play p;
    b.ops->pace(b.self, 1, true);
    for (int i = 0; i <= 4; i++) {
        b.ops->play(b.self, &p);
        b.ops->seek(b.self, p.length_ms / 4 * i);
        take_all(&b, &taken);
    }
    (void)b.ops->anew(b.self, p.length_ms / 2);
    take_all(&b, &taken);
    while (b.ops->leap(b.self, p.length_ms) >= 0)
        take_all(&b, &taken);
    (void)b.ops->stop(b.self, 0);
    for (int k = 0; k < SOURCE_KIND_COUNT; k++)
        report_free(taken.reports[k]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("recording", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct config *config = mem_alloc(sizeof(*config));
    options_defaults(false, config);
    config->path = mem_strdup("");
    struct reel *reel = reel_open(path, config, NULL);
    if (reel != NULL)
        play(reel);
    reel_close(reel);
    config_free(config);
    (void)close(fd);
    return 0;
}
