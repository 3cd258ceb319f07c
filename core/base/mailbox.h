/* mailbox.h: one slot, latest wins: how a source thread hands a report to the UI thread.
 *
 * put exchanges the pointer in and gives back what was still lying there (the putter owns it
 * again); take exchanges NULL in and owns what comes out. One atomic pointer: no locks, no growth.
 * An eventfd shared by many mailboxes wakes the reader.
 */
#ifndef CDCTOP_BASE_MAILBOX_H
#define CDCTOP_BASE_MAILBOX_H

#include <stdatomic.h>

struct mailbox {
    _Atomic(void *) slot;
};

void *mailbox_put(struct mailbox *box, void *item); /* takes item; returns the unread one or NULL */
void *mailbox_take(struct mailbox *box);            /* the caller owns what is returned */

/* The bell: an eventfd. bell_open returns it or -1 with errno. */
int bell_open(void);
void bell_ring(int fd);
void bell_clear(int fd);

#endif
