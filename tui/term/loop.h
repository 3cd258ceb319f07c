/* loop.h: the one place where the program sleeps: keys, the engine's bell, signals, the clock. */
#ifndef CDCTOP_TUI_TERM_LOOP_H
#define CDCTOP_TUI_TERM_LOOP_H

#include "base/err.h"

#include <stdbool.h>

struct loop {
    int signal_fd;
};

enum { LOOP_INPUT = 1, LOOP_ENGINE = 2, LOOP_RESIZE = 4, LOOP_QUIT = 8, LOOP_RESUME = 16 };

/* Blocks every signal (but those of a crash) in this thread and those it starts later, and reads
 * the interesting ones from a descriptor. Call it before anything starts a thread. */
bool loop_open(struct loop *loop, struct err *err);
void loop_close(struct loop *loop);

/* Waits for any of them, at most timeout_ms; 0: time passed. engine_fd may be -1. */
int loop_wait(struct loop *loop, int engine_fd, int timeout_ms);

#endif
