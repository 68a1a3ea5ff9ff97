package org.skerry.node.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;

/**
 * Names the tensors of a safetensors file, however the file spells them: metadata, padding and the
 * order in which they lie do not count, so a copy that was only written anew has the same digest.
 */
final class TensorDigest {
  private TensorDigest() {}

  /**
   * SHA-256, in hexadecimal, over each tensor's name, type, shape and bytes, by name.
   *
   * @throws org.skerry.diffusion.safetensors.SafetensorsException when the file is malformed
   */
  static String of(Path file) throws IOException {
    MessageDigest sha256 = sha256();
    for (Map.Entry<String, HostTensor> entry :
        new TreeMap<>(Safetensors.map(file).tensors()).entrySet()) {
      HostTensor tensor = entry.getValue();
      update(sha256, entry.getKey());
      update(sha256, tensor.type() + " " + tensor.shape());
      sha256.update(tensor.data());
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  /** With its length in front, so that no two lists of names and bytes run together alike. */
  private static void update(MessageDigest sha256, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    sha256.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
