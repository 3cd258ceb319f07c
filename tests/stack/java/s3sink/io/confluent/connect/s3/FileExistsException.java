package io.confluent.connect.s3;

/** The key of a file to be closed is taken: its first record has been delivered before. */
final class FileExistsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FileExistsException(String key) {
        super("File already exists: " + key);
    }
}
