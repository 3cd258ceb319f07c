package lab.msk;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import lab.aws.SigV4;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;

/**
 * The token of MSK's IAM login: base64url of a presigned
 * {@code GET https://kafka.REGION.amazonaws.com/?Action=kafka-cluster:Connect&X-Amz-...}.
 */
record MskToken(String value, String principalName, long startMs, long lifetimeMs) implements OAuthBearerToken {
    private static final String ACTION = "kafka-cluster:Connect";
    private static final int EXPIRES_S = 900;

    @Override
    public Set<String> scope() {
        return Set.of();
    }

    @Override
    public Long startTimeMs() {
        return startMs;
    }

    static MskToken create(String accessKey, String secret, String region, Instant now) {
        String host = "kafka." + region + ".amazonaws.com";
        String timestamp = SigV4.timestamp(now);
        TreeMap<String, String> query = new TreeMap<>();
        query.put("Action", ACTION);
        query.put("X-Amz-Algorithm", SigV4.ALGORITHM);
        query.put("X-Amz-Credential", accessKey + "/" + SigV4.scope(timestamp, region, "kafka-cluster"));
        query.put("X-Amz-Date", timestamp);
        query.put("X-Amz-Expires", Integer.toString(EXPIRES_S));
        query.put("X-Amz-SignedHeaders", "host");
        String url = "https://" + host + "/?" + SigV4.canonicalQuery(query)
                + "&X-Amz-Signature=" + sign(secret, host, query) + "&User-Agent=lab";
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(url.getBytes(StandardCharsets.UTF_8));
        return new MskToken(text, accessKey, now.toEpochMilli(), now.plusSeconds(EXPIRES_S).toEpochMilli());
    }

    /** @throws SecurityException with the reason when the token is not good */
    static MskToken verify(String text, String accessKey, String secret, Instant now) {
        URI url = URI.create(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
        TreeMap<String, String> query = parseQuery(url.getRawQuery());
        String signature = query.remove("X-Amz-Signature");
        query.remove("User-Agent"); // added after signing, by AWS's own signers too
        Instant start = SigV4.parseTimestamp(query.get("X-Amz-Date"));
        Instant end = start.plusSeconds(Long.parseLong(query.get("X-Amz-Expires")));

        require(ACTION.equals(query.get("Action")), "wrong Action");
        require(url.getHost().matches("kafka\\.[a-z0-9-]+\\.amazonaws\\.com"), "wrong host " + url.getHost());
        require(query.get("X-Amz-Credential").startsWith(accessKey + "/"), "unknown access key");
        require(now.isBefore(end), "expired");
        require(sign(secret, url.getHost(), query).equals(signature), "signature mismatch");
        return new MskToken(text, accessKey, start.toEpochMilli(), end.toEpochMilli());
    }

    private static void require(boolean good, String why) {
        if (!good) {
            throw new SecurityException(why);
        }
    }

    private static TreeMap<String, String> parseQuery(String raw) {
        TreeMap<String, String> query = new TreeMap<>();
        for (String pair : raw.split("&")) {
            int eq = pair.indexOf('=');
            query.put(URLDecoder.decode(pair.substring(0, eq), StandardCharsets.UTF_8),
                    URLDecoder.decode(pair.substring(eq + 1), StandardCharsets.UTF_8));
        }
        return query;
    }

    private static String sign(String secret, String host, SortedMap<String, String> query) {
        String credential = query.get("X-Amz-Credential");
        String scope = credential.substring(credential.indexOf('/') + 1);
        String canonical = "GET\n/\n" + SigV4.canonicalQuery(query) + "\nhost:" + host + "\n\nhost\n"
                + SigV4.sha256(new byte[0]);
        return SigV4.signature(secret, query.get("X-Amz-Date"), scope, canonical);
    }
}
