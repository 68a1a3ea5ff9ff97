package org.skerry.node.config;

/**
 * One mistake in a configuration.
 *
 * @param where the file and line, or the environment variable
 * @param what names the key and its bad value
 * @param remedy what would be right
 */
public record Mistake(String where, String what, String remedy) {
  @Override
  public String toString() {
    return where + ": " + what + "; " + remedy;
  }
}
