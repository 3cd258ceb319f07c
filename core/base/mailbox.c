#include "base/mailbox.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

void *mailbox_put(struct mailbox *box, void *item)
{
    return atomic_exchange_explicit(&box->slot, item, memory_order_acq_rel);
}

void *mailbox_take(struct mailbox *box)
{
    return atomic_exchange_explicit(&box->slot, NULL, memory_order_acq_rel);
}

int bell_open(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void bell_ring(int fd)
{
    uint64_t one = 1;
    /* Fails only when the counter is full: then the bell rings already. */
    ssize_t n = write(fd, &one, sizeof(one));
    (void)n;
}

void bell_clear(int fd)
{
    uint64_t value;
    ssize_t n = read(fd, &value, sizeof(value));
    (void)n;
}
