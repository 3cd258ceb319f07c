/* msk_kind.h: the kinds of listeners that an MSK cluster can have, as [pipeline.msk] bootstrap
 * names them, and how each is talked to. */
#ifndef CDCTOP_CONFIG_MSK_KIND_H
#define CDCTOP_CONFIG_MSK_KIND_H

struct msk_kind {
    const char *name;                 /* "public-iam" */
    const char *protocol, *mechanism; /* as in [pipeline.kafka]; mechanism NULL: no login */
    /* The member of GetBootstrapBrokers' answer, for IPv4; NULL: there is none. IPv6's is beside.
     */
    const char *member, *member6;
};

/* NULL: "auto", or no such kind. */
const struct msk_kind *msk_kind(const char *name);
/* All of them, best first: that is the order of auto. NULL after the last. */
const struct msk_kind *msk_kind_at(unsigned i);
/* Of "iam" as well as of "iam-ipv6", as a snapshot names what a cluster has on. */
const struct msk_kind *msk_kind_of(const char *key);

#endif
