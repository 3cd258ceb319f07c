/* msk_list.h: all MSK clusters of a region, each with its listeners: for whoever looks for the one
 * that certain brokers belong to. */
#ifndef CDCTOP_SOURCE_MSK_LIST_H
#define CDCTOP_SOURCE_MSK_LIST_H

#include "aws/aws.h"
#include "aws/msk.h"

/* Blocks until deadline_ms (monotonic) at most. False and *err: they are not known, or not all of
 * them, or of some (bootstraps_read) not where their brokers are; what is known is in *list. */
bool msk_list(struct aws_client *client, struct arena *arena, int64_t deadline_ms, int stop_fd,
              struct msk_list *list, struct err *err);

#endif
