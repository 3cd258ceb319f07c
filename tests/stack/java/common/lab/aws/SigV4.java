package lab.aws;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.StringJoiner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** AWS Signature Version 4, as much of it as the S3 sink and the MSK IAM look-alike need. */
public final class SigV4 {
    public static final String ALGORITHM = "AWS4-HMAC-SHA256";

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private SigV4() {
    }

    public static String timestamp(Instant at) {
        return TIMESTAMP.format(at);
    }

    public static Instant parseTimestamp(String text) {
        return TIMESTAMP.parse(text, Instant::from);
    }

    /** @param timestamp as {@link #timestamp} makes it; its first eight digits are the day */
    public static String scope(String timestamp, String region, String service) {
        return timestamp.substring(0, 8) + "/" + region + "/" + service + "/aws4_request";
    }

    /** @param scope day/region/service/aws4_request */
    public static String signature(String secret, String timestamp, String scope, String canonicalRequest) {
        String toSign = ALGORITHM + "\n" + timestamp + "\n" + scope + "\n"
                + sha256(canonicalRequest.getBytes(StandardCharsets.UTF_8));
        byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(hmac(key, toSign));
    }

    public static String sha256(byte[] data) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Percent-encodes everything but the unreserved characters of RFC 3986. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** As {@link #encode}, but leaves the slashes of an object key. */
    public static String encodePath(String path) {
        return encode(path).replace("%2F", "/");
    }

    public static String canonicalQuery(SortedMap<String, String> query) {
        StringJoiner joined = new StringJoiner("&");
        query.forEach((name, value) -> joined.add(encode(name) + "=" + encode(value)));
        return joined.toString();
    }

    private static byte[] hmac(byte[] key, String data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
