/* reel_int.h: what the files of the reel share. */
#ifndef CDCTOP_RECORD_REEL_INT_H
#define CDCTOP_RECORD_REEL_INT_H

#include "record/reel.h"

bool reel_read_head(struct reel *reel, struct config *config, const cJSON *head, struct err *err);

#endif
