package lab.msk;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lab.aws.SigV4;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;

/**
 * The token of MSK's IAM login: base64url of a presigned
 * {@code GET https://kafka.REGION.amazonaws.com/?Action=kafka-cluster:Connect&X-Amz-...}.
 */
record MskToken(String value, String principalName, long startMs, long lifetimeMs) implements OAuthBearerToken {
    private static final String ACTION = "kafka-cluster:Connect";
    private static final int EXPIRES_S = 900;
    private static final int SKEW_S = 300;
    private static final Pattern HOST = Pattern.compile("kafka\\.([a-z0-9-]+)\\.amazonaws\\.com");

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

    /**
     * Verifies all that is told of the real one: who, when, for what, and the signature over it.
     * @throws SecurityException with the reason when the token is not good
     */
    static MskToken verify(String text, MskKeys keys, Instant now) {
        URI url = URI.create(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
        TreeMap<String, String> query = parseQuery(url.getRawQuery());
        String signature = query.remove("X-Amz-Signature");
        query.remove("User-Agent"); // added after signing, by AWS's own signers too
        String timestamp = wanted(query, "X-Amz-Date");
        Instant start = SigV4.parseTimestamp(timestamp);
        int seconds = Integer.parseInt(wanted(query, "X-Amz-Expires"));
        Instant end = start.plusSeconds(seconds);
        String[] credential = wanted(query, "X-Amz-Credential").split("/", 2);

        require("https".equals(url.getScheme()) && "/".equals(url.getRawPath()), "wrong URL");
        require(ACTION.equals(query.get("Action")), "wrong Action");
        require(SigV4.ALGORITHM.equals(query.get("X-Amz-Algorithm")), "wrong algorithm");
        require("host".equals(query.get("X-Amz-SignedHeaders")), "wrong signed headers");
        require(seconds > 0 && seconds <= EXPIRES_S, "wrong lifetime");
        Matcher host = HOST.matcher(url.getHost());
        require(host.matches(), "wrong host " + url.getHost());
        require(credential.length == 2
                && credential[1].equals(SigV4.scope(timestamp, host.group(1), "kafka-cluster")), "wrong scope");
        MskKeys.Key key = keys.find(credential[0]);
        require(key != null, "unknown access key");
        require(Objects.equals(key.sessionToken(), query.get("X-Amz-Security-Token")), "wrong session token");
        require(sign(key.secret(), url.getHost(), query).equals(signature), "signature mismatch");
        require(now.isBefore(end), "expired");
        require(start.isBefore(now.plusSeconds(SKEW_S)), "not yet valid: signed ahead of the clock here");
        if (key.sessionSeconds() > 0 && end.isAfter(now.plusSeconds(key.sessionSeconds()))) {
            end = now.plusSeconds(key.sessionSeconds());
        }
        return new MskToken(text, credential[0], start.toEpochMilli(), end.toEpochMilli());
    }

    private static String wanted(SortedMap<String, String> query, String name) {
        String value = query.get(name);
        require(value != null, "no " + name);
        return value;
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
