package org.skerry.trainer.training;

import ai.djl.engine.EngineException;
import java.util.Locale;

/** Recognises libtorch's failures to allocate, which come as text only. */
final class OutOfMemory {
  private OutOfMemory() {}

  static boolean isCause(EngineException e) {
    String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    // "DefaultCPUAllocator: can't allocate memory", "… not enough memory", "CUDA out of memory",
    // and oneDNN's "could not create a memory object" or "out_of_memory". Where it cannot have
    // memory for code or scratch it says "could not create a primitive" and no more; what it cannot
    // do at all ends in "… a primitive descriptor".
    return text.contains("allocate memory")
        || text.contains("not enough memory")
        || text.contains("out of memory")
        || text.contains("out_of_memory")
        || text.contains("bad_alloc")
        || text.contains("could not create a memory")
        || text.contains("could not execute a primitive")
        || (text.contains("could not create a primitive") && !text.contains("descriptor"));
  }
}
