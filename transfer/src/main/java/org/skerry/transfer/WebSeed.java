package org.skerry.transfer;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A folder on a web server in which blobs lie: each under its id, and its leaves beside it, under
 * its id and {@value #LEAVES_SUFFIX}, as {@link MerkleTree#leaves} writes them. Nothing that comes
 * from there is believed.
 *
 * @param folder an https URL that ends with a slash
 */
public record WebSeed(URI folder) {
  /** Longest URL of a folder, in characters. */
  public static final int MAX_CHARS = 512;

  /** Most folders that one index names. */
  public static final int MAX_SEEDS = 8;

  public static final String LEAVES_SUFFIX = ".leaves";

  public WebSeed {
    if (folder.toString().length() > MAX_CHARS) {
      throw new IllegalArgumentException(
          "a web seed's URL of " + folder.toString().length() + " characters, not 1.." + MAX_CHARS);
    }
    requireFetchable(folder);
    if (folder.getRawQuery() != null
        || folder.getRawFragment() != null
        || !folder.getRawPath().endsWith("/")) {
      throw new IllegalArgumentException(
          "web seed " + folder + " is not a folder: give a URL that ends with /, without ? and #");
    }
  }

  /** Parses a URL. */
  public static WebSeed parse(String text) {
    try {
      return new WebSeed(new URI(text));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("web seed '" + text + "' is no URL: " + e.getReason(), e);
    }
  }

  /**
   * What a URL must be for a stranger to make us ask for it, wherever it leads.
   *
   * @throws IllegalArgumentException when it is not https, has no host, tells a user, or names a
   *     port that is neither 443 nor above 1023
   */
  public static void requireFetchable(URI url) {
    if (!"https".equalsIgnoreCase(url.getScheme())) {
      throw new IllegalArgumentException(url + " is not an https URL");
    }
    if (url.getHost() == null || url.getRawUserInfo() != null) {
      throw new IllegalArgumentException(url + " does not name just a host");
    }
    int port = port(url);
    if (port != 443 && (port < 1024 || port > 65_535)) {
      throw new IllegalArgumentException(url + " has port " + port + ", not 443 or above 1023");
    }
  }

  private static int port(URI url) {
    return url.getPort() < 0 ? 443 : url.getPort();
  }

  /** Where the bytes of {@code blob} lie. */
  public URI file(BlobId blob) {
    return folder.resolve(blob.toString());
  }

  /** Where the leaves of {@code blob} lie. */
  public URI leaves(BlobId blob) {
    return folder.resolve(blob + LEAVES_SUFFIX);
  }

  /** The root folder of this seed's server, the same for all seeds there. */
  public WebSeed server() {
    String host = folder.getHost().toLowerCase(Locale.ROOT);
    return new WebSeed(URI.create("https://" + host + ":" + port(folder) + "/"));
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
