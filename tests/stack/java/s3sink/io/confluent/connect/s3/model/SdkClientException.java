package io.confluent.connect.s3.model;

import java.io.IOException;

/** No answer from S3. Prints itself under the AWS SDK's name, which is what an operator sees in a real trace. */
public class SdkClientException extends IOException {
    private static final long serialVersionUID = 1L;

    public SdkClientException(String why, Throwable cause) {
        super("Unable to execute HTTP request: " + why, cause);
    }

    @Override
    public String toString() {
        return "com.amazonaws.SdkClientException: " + getMessage();
    }
}
