/* Whose brokers the connectors name: an MSK cluster's, or others'. */
#include "report/discover_int.h"

#include "base/mem.h"
#include "config/msk_kind.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- brokers --------------------------------------------------------------------------------- */

/* The next "host:port" of a list; *n: of the host. NULL at its end. */
static const char *next_host(const char **list, size_t *n)
{
    const char *at = *list + strspn(*list, ", ");
    size_t all = strcspn(at, ", ");
    *list = at + all;
    *n = strcspn(at, ":, ");
    return all > 0 ? at : NULL;
}

static bool same_host(const char *a, size_t na, const char *b, size_t nb)
{
    return na == nb && strncasecmp(a, b, na) == 0;
}

/* b-2.NAME.a1b2c3.c4.kafka.REGION.amazonaws.com: what follows b-2 is of one cluster alone. Not so
 * of a serverless one, whose own name is the first word. */
static const char *domain(const char *host, size_t *n)
{
    static const char of[] = ".kafka.";
    size_t first = strcspn(host, ".");
    const char *kafka = strstr(host, of);
    if (first >= *n || kafka == NULL || kafka >= host + *n || kafka == host + first)
        return NULL;
    *n -= first;
    return host + first;
}

static bool share(const char *some, const char *others)
{
    const char *a, *b;
    size_t na, nb;
    while ((a = next_host(&some, &na)) != NULL) {
        size_t nda = na;
        const char *da = domain(a, &nda);
        for (const char *list = others; (b = next_host(&list, &nb)) != NULL;) {
            size_t ndb = nb;
            const char *db = domain(b, &ndb);
            if (same_host(a, na, b, nb) ||
                (da != NULL && db != NULL && same_host(da, nda, db, ndb)))
                return true;
        }
    }
    return false;
}

static bool has_brokers(const struct msk_snap *cluster, const char *named)
{
    for (size_t i = 0; i < cluster->nbootstraps; i++) {
        if (share(named, cluster->bootstraps[i].value))
            return true;
    }
    return false;
}

/* What a connector says of its brokers; NULL. */
static const char *brokers_of(const struct discover_work *w, const struct connector_row *c)
{
    const struct connect_connector *k = c->connector;
    const char *named = k->msk != NULL   ? k->msk->bootstrap_servers
                        : k->dms != NULL ? k->dms->target_brokers
                                         : w->hints->bootstrap_servers;
    return discover_usable(named) && discover_belongs(w, c) ? named : NULL;
}

/* ---- a cluster of MSK ------------------------------------------------------------------------ */

static bool offers(const struct msk_snap *cluster, const char *protocol, const char *mechanism)
{
    for (size_t i = 0; i < cluster->nbootstraps; i++) {
        const struct msk_kind *kind = msk_kind_of(cluster->bootstraps[i].key);
        if (kind != NULL && strcmp(kind->protocol, protocol) == 0 &&
            (mechanism == NULL) == (kind->mechanism == NULL) &&
            (mechanism == NULL || strcmp(kind->mechanism, mechanism) == 0))
            return true;
    }
    return false;
}

/* IAM and open listeners need no word; SCRAM wants a user. */
static void fill_login(struct discover_work *w, const struct msk_snap *cluster)
{
    if (offers(cluster, "SASL_SSL", "AWS_MSK_IAM") || offers(cluster, "PLAINTEXT", NULL))
        return;
    if (offers(cluster, "SSL", NULL)) {
        if (cluster->mutual_tls == TRI_YES && cluster->unauthenticated != TRI_YES)
            strbuf_puts(&w->out->missing, "kafka.ssl_certificate and ssl_key: the cluster wants a "
                                          "certificate of its clients\n");
        return;
    }
    (void)discover_put(w->pc, SECTION_KAFKA, "security_protocol", "SASL_SSL");
    (void)discover_put(w->pc, SECTION_KAFKA, "sasl_mechanism", "SCRAM-SHA-512");
    discover_put_user(w);
}

static void take_cluster(struct discover_work *w, const struct msk_snap *cluster)
{
    (void)discover_put(w->pc, SECTION_MSK, "cluster", cluster->name);
    strbuf_printf(&w->out->found,
                  "MSK: %s, whose brokers the connectors name; on are: ", cluster->name);
    for (size_t i = 0; i < cluster->nbootstraps; i++)
        strbuf_printf(&w->out->found, "%s%s", i > 0 ? ", " : "", cluster->bootstraps[i].key);
    strbuf_putc(&w->out->found, '\n');
    fill_login(w, cluster);
}

/* ---- others' brokers ------------------------------------------------------------------------- */

static const char *protocol_of(const struct connect_connector *c)
{
    static const char *const words[][2] = {
        {"plaintext",          "PLAINTEXT"},
        {"ssl-encryption",     "SSL"      },
        {"ssl-authentication", "SSL"      },
        {"sasl-ssl",           "SASL_SSL" },
    };
    if (c->msk != NULL && c->msk->authentication != NULL &&
        strcmp(c->msk->authentication, "IAM") == 0)
        return "SASL_SSL";
    if (c->msk != NULL)
        return c->msk->encryption != NULL && strcmp(c->msk->encryption, "TLS") == 0 ? "SSL"
                                                                                    : "PLAINTEXT";
    const char *said = kv_find(c->config, c->nconfig, "target.KafkaSettings.SecurityProtocol");
    for (size_t i = 0; said != NULL && i < ARRAY_LEN(words); i++) {
        if (strcmp(said, words[i][0]) == 0)
            return words[i][1];
    }
    return "PLAINTEXT";
}

static const char *mechanism_of(const struct connect_connector *c)
{
    if (c->msk != NULL)
        return "AWS_MSK_IAM";
    const char *said = kv_find(c->config, c->nconfig, "target.KafkaSettings.SaslMechanism");
    return said != NULL && strcmp(said, "plain") == 0 ? "PLAIN" : "SCRAM-SHA-512";
}

/* As one of the connectors talks to them. */
static void take_brokers(struct discover_work *w, const struct connector_row *c, const char *named)
{
    const char *protocol = protocol_of(c->connector);
    (void)discover_put(w->pc, SECTION_KAFKA, "bootstrap_servers", named);
    (void)discover_put(w->pc, SECTION_KAFKA, "security_protocol", protocol);
    strbuf_printf(&w->out->found, "Kafka: %s (from connector %s)\n", named, c->base.name);
    if (strcmp(protocol, "SASL_SSL") != 0)
        return;
    const char *mechanism = mechanism_of(c->connector);
    (void)discover_put(w->pc, SECTION_KAFKA, "sasl_mechanism", mechanism);
    if (strcmp(mechanism, "AWS_MSK_IAM") == 0)
        return;
    discover_put_user(w);
}

/* ---- which of them --------------------------------------------------------------------------- */

static void put_names(struct strbuf *sb, const struct msk_snap *clusters, size_t n,
                      const bool *chosen)
{
    size_t shown = 0;
    for (size_t i = 0; i < n; i++) {
        if (chosen == NULL || chosen[i])
            strbuf_printf(sb, "%s%s", shown++ > 0 ? ", " : "", clusters[i].name);
    }
}

/* It is not for us to choose. */
static void tell_choice(struct discover_work *w, const char *why, const bool *chosen)
{
    strbuf_printf(&w->out->missing, "msk.cluster: %s: ", why);
    put_names(&w->out->missing, w->aws->clusters, w->aws->nclusters, chosen);
    strbuf_putc(&w->out->missing, '\n');
}

static size_t find_named(const struct discover_work *w, bool *named)
{
    size_t n = 0;
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const char *brokers = brokers_of(w, &w->p->connectors[i]);
        for (size_t k = 0; brokers != NULL && k < w->aws->nclusters; k++) {
            if (named[k] || !has_brokers(&w->aws->clusters[k], brokers))
                continue;
            named[k] = true;
            n++;
        }
    }
    return n;
}

/* Brokers that connectors of AWS name; those of Kafka Connect are the caller's. */
static bool fill_brokers(struct discover_work *w)
{
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const struct connector_row *c = &w->p->connectors[i];
        const char *named = brokers_of(w, c);
        if (c->connector->service == SERVICE_CONNECT || named == NULL)
            continue;
        take_brokers(w, c, named);
        return true;
    }
    return false;
}

/* No cluster is known to have the brokers that the connectors name. */
static bool without_cluster(struct discover_work *w)
{
    const struct discover_aws *aws = w->aws;
    if (aws->clusters_err.kind != ERR_NONE)
        strbuf_printf(&w->out->missing, "msk.cluster: MSK did not tell: %s\n",
                      aws->clusters_err.text);
    if (fill_brokers(w))
        return true;
    if (aws->nclusters > 0 && w->hints->bootstrap_servers == NULL)
        tell_choice(w, "no connector names its brokers; there are", NULL);
    return false;
}

bool discover_fill_msk(struct discover_work *w)
{
    const struct discover_aws *aws = w->aws;
    if (discover_put(w->pc, SECTION_MSK, "cluster", w->given->msk.cluster)) {
        (void)discover_put(w->pc, SECTION_MSK, "bootstrap", w->given->msk.bootstrap);
        return true;
    }
    bool *named = mem_calloc(aws->nclusters + 1, sizeof(*named));
    size_t n = find_named(w, named);
    for (size_t i = 0; n == 1 && i < aws->nclusters; i++) {
        if (named[i])
            take_cluster(w, &aws->clusters[i]);
    }
    if (n > 1)
        tell_choice(w,
                    "the connectors name brokers of several (--connectors 'GLOB' narrows it "
                    "down)",
                    named);
    free(named);
    return n > 0 || without_cluster(w);
}
