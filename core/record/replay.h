/* replay.h: the backend that plays a recording, of a file or of the kept history. */
#ifndef CDCTOP_RECORD_REPLAY_H
#define CDCTOP_RECORD_REPLAY_H

#include "backend.h"
#include "record/reel.h"

/* reel is borrowed; damage that is met on the way is noted in it, and the recording ends there. It
 * begins at its beginning, playing. */
struct backend replay_backend(struct reel *reel);

#endif
