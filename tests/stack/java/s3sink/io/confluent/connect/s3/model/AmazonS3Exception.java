package io.confluent.connect.s3.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An error answer of S3. Words and name are those of the AWS SDK, which is what an operator sees in a real trace. */
public class AmazonS3Exception extends Exception {
    private static final long serialVersionUID = 1L;
    private static final Pattern CODE = Pattern.compile("<Code>([^<]*)</Code>");
    private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");
    private static final Pattern REQUEST_ID = Pattern.compile("<RequestId>([^<]*)</RequestId>");

    private final int status;

    private AmazonS3Exception(int status, String body) {
        super(String.format("%s (Service: Amazon S3; Status Code: %d; Error Code: %s; Request ID: %s;"
                        + " S3 Extended Request ID: null; Proxy: null), S3 Extended Request ID: null",
                find(MESSAGE, body, "null"), status, find(CODE, body, status + " null"),
                find(REQUEST_ID, body, "null")));
        this.status = status;
    }

    public static void throwUnlessOk(int status, String body) throws AmazonS3Exception {
        if (status >= 300) {
            throw new AmazonS3Exception(status, body);
        }
    }

    /** Server errors and SlowDown are tried again; refusals and missing buckets are not. */
    public boolean isRetriable() {
        return status >= 500 || status == 429;
    }

    @Override
    public String toString() {
        return "com.amazonaws.services.s3.model.AmazonS3Exception: " + getMessage();
    }

    private static String find(Pattern pattern, String body, String otherwise) {
        Matcher matcher = pattern.matcher(body);
        return matcher.find() ? matcher.group(1) : otherwise;
    }
}
