#include "tests/unit/netns.h"

#include "tests/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* As root, or as somebody who becomes root of a user namespace, where the files stay his own. */
static bool separate(void)
{
    char uids[40], gids[40];
    (void)snprintf(uids, sizeof(uids), "0 %u 1", (unsigned)getuid());
    (void)snprintf(gids, sizeof(gids), "0 %u 1", (unsigned)getgid());
    if (unshare(CLONE_NEWNET) == 0)
        return true;
    return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && put("/proc/self/setgroups", "deny") &&
           put("/proc/self/uid_map", uids) && put("/proc/self/gid_map", gids);
}

static bool lo_up(int fd)
{
    struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    return ioctl(fd, SIOCSIFFLAGS, &ifr) == 0;
}

static bool lo_has(int fd, int n, const char *address)
{
    struct ifreq ifr = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};
    (void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "lo:%d", n);
    if (inet_pton(AF_INET, address, &in.sin_addr) != 1)
        return false;
    memcpy(&ifr.ifr_addr, &in, sizeof(in));
    return ioctl(fd, SIOCSIFADDR, &ifr) == 0;
}

bool netns_enter(const char *const *addresses, char *why, size_t size)
{
    const char *what = "a network namespace";
    bool ok = separate();
    int fd = ok ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    if (ok) {
        what = "addresses on its lo";
        ok = fd >= 0 && lo_up(fd);
    }
    for (int i = 0; ok && addresses[i] != NULL; i++)
        ok = lo_has(fd, i, addresses[i]);
    if (!ok)
        (void)snprintf(why, size, "%s: %s", what, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

void netns_needed(bool inside, const char *why)
{
    if (inside)
        return;
    print_message("# forbidden here: %s\n", why);
    skip();
}
