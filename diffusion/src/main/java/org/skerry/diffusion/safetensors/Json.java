package org.skerry.diffusion.safetensors;

import tools.jackson.core.io.JsonStringEncoder;

/** JSON text, for the header's strings. */
final class Json {
  private Json() {}

  static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }
}
