package io.confluent.connect.s3;

import io.confluent.connect.s3.model.AmazonS3Exception;
import io.confluent.connect.s3.model.SdkClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import lab.aws.SigV4;

/** The S3 requests the sink makes, path style, signed. */
final class S3Client {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final String SIGNED_HEADERS = "host;x-amz-content-sha256;x-amz-date";

    private final S3SinkConfig config;
    private final URI endpoint;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    S3Client(S3SinkConfig config) {
        this.config = config;
        endpoint = URI.create(config.getString("store.url"));
    }

    /** Asks for the ACL, as the AWS SDK does: unlike HEAD, its refusal has a body that says why. */
    boolean bucketExists() throws IOException, AmazonS3Exception {
        HttpResponse<String> answer = send("GET", "/" + config.getString("s3.bucket.name"), "acl=", new byte[0]);
        if (answer.statusCode() == 404) {
            return false;
        }
        AmazonS3Exception.throwUnlessOk(answer.statusCode(), answer.body());
        return true;
    }

    boolean objectExists(String key) throws IOException, AmazonS3Exception {
        HttpResponse<String> answer = send("HEAD", pathOf(key), "", new byte[0]);
        if (answer.statusCode() == 404) {
            return false;
        }
        AmazonS3Exception.throwUnlessOk(answer.statusCode(), answer.body());
        return true;
    }

    void put(String key, byte[] body) throws IOException, AmazonS3Exception {
        HttpResponse<String> answer = send("PUT", pathOf(key), "", body);
        AmazonS3Exception.throwUnlessOk(answer.statusCode(), answer.body());
    }

    private String pathOf(String key) {
        return "/" + config.getString("s3.bucket.name") + "/" + SigV4.encodePath(key);
    }

    private HttpResponse<String> send(String method, String path, String query, byte[] body) throws IOException {
        String host = endpoint.getPort() > 0 ? endpoint.getHost() + ":" + endpoint.getPort() : endpoint.getHost();
        String timestamp = SigV4.timestamp(Instant.now());
        String scope = SigV4.scope(timestamp, config.getString("s3.region"), "s3");
        String hash = SigV4.sha256(body);
        String canonical = method + "\n" + path + "\n" + query + "\nhost:" + host + "\nx-amz-content-sha256:" + hash
                + "\nx-amz-date:" + timestamp + "\n\n" + SIGNED_HEADERS + "\n" + hash;
        String secret = config.getPassword("aws.secret.access.key").value();
        String authorization = SigV4.ALGORITHM + " Credential=" + config.getString("aws.access.key.id") + "/" + scope
                + ",SignedHeaders=" + SIGNED_HEADERS
                + ",Signature=" + SigV4.signature(secret, timestamp, scope, canonical);
        URI url = URI.create(endpoint.getScheme() + "://" + host + path + (query.isEmpty() ? "" : "?" + query));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(REQUEST_TIMEOUT)
                .header("Authorization", authorization)
                .header("x-amz-date", timestamp)
                .header("x-amz-content-sha256", hash)
                .header("Content-Type", "application/json")
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .build();
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw unreachable(host, e);
        } catch (IOException e) {
            throw new SdkClientException(e.getMessage() == null ? "The target server failed to respond" : e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SdkClientException("interrupted", e);
        }
    }

    private SdkClientException unreachable(String host, ConnectException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return new SdkClientException(endpoint.getHost(), new UnknownHostException(endpoint.getHost()));
            }
        }
        return new SdkClientException("Connect to " + host + " [/" + endpoint.getHost() + "] failed: Connection refused",
                new ConnectException("Connection refused"));
    }
}
