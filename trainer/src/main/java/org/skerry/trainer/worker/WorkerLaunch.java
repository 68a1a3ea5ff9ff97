package org.skerry.trainer.worker;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a worker process is started.
 *
 * @param java the {@code java} command
 * @param jvmOptions as {@code -Xmx2g}
 * @param classPath of the worker
 * @param mainClass calls {@link WorkerServer#serveAndExit}
 * @param commandPrefix a sandbox's command that the worker is started under; empty for none
 * @param workFolder the worker's current folder; created
 * @param log what the worker prints is appended here
 * @param threads of libtorch
 * @param firstBackoff wait before the first restart; doubled for each that follows
 * @param maxBackoff longest wait
 * @param maxDeaths deaths without progress in between after which the job is given up
 * @param stays whether the process waits for the next job when one has ended; else it ends too, and
 *     its memory goes back
 */
public record WorkerLaunch(
    Path java,
    List<String> jvmOptions,
    String classPath,
    String mainClass,
    List<String> commandPrefix,
    Path workFolder,
    Path log,
    int threads,
    Duration firstBackoff,
    Duration maxBackoff,
    int maxDeaths,
    boolean stays) {
  /** Variables that say where native libraries are; everything else stays behind. */
  public static final List<String> INHERITED =
      List.of(
          "DJL_CACHE_DIR",
          "ENGINE_CACHE_DIR",
          "PYTORCH_LIBRARY_PATH",
          "PYTORCH_VERSION",
          "PYTORCH_FLAVOR",
          "LD_LIBRARY_PATH",
          "CUDA_VISIBLE_DEVICES");

  /** Read by glibc and libtorch when they are loaded: pages of their own, and large ones. */
  private static final List<String> GIVING_MEMORY_BACK =
      List.of("/usr/bin/env", "MALLOC_MMAP_THRESHOLD_=1048576", "THP_MEM_ALLOC_ENABLE=1");

  public WorkerLaunch {
    jvmOptions = List.copyOf(jvmOptions);
    commandPrefix = List.copyOf(commandPrefix);
    if (threads < 1 || maxDeaths < 1) {
      throw new IllegalArgumentException("threads and deaths must be at least 1");
    }
  }

  /** This Java and this class path, with the jobs of {@code mainClass}. */
  public static WorkerLaunch sameJava(Class<?> mainClass, Path workFolder, Path log, int threads) {
    return new WorkerLaunch(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        List.of(),
        System.getProperty("java.class.path"),
        mainClass.getName(),
        List.of(),
        workFolder,
        log,
        threads,
        Duration.ofSeconds(1),
        Duration.ofSeconds(60),
        5,
        false);
  }

  /** As this, with other back-off and patience. */
  public WorkerLaunch withRestarts(Duration first, Duration longest, int deaths) {
    return new WorkerLaunch(
        java,
        jvmOptions,
        classPath,
        mainClass,
        commandPrefix,
        workFolder,
        log,
        threads,
        first,
        longest,
        deaths,
        stays);
  }

  /** As this, with other JVM options. */
  public WorkerLaunch withJvmOptions(List<String> options) {
    return with(options, commandPrefix, stays);
  }

  /** As this, started under another command. */
  public WorkerLaunch withCommandPrefix(List<String> prefix) {
    return with(jvmOptions, prefix, stays);
  }

  /** As this, with a process that waits for the next job until it is closed. */
  public WorkerLaunch staying() {
    return with(jvmOptions, commandPrefix, true);
  }

  private WorkerLaunch with(List<String> options, List<String> prefix, boolean staying) {
    return new WorkerLaunch(
        java,
        options,
        classPath,
        mainClass,
        prefix,
        workFolder,
        log,
        threads,
        firstBackoff,
        maxBackoff,
        maxDeaths,
        staying);
  }

  /** As this, held to a cap where the platform can. */
  public WorkerLaunch withMemoryCap(MemoryCap cap) {
    List<String> prefix = new ArrayList<>(cap.prefix());
    prefix.addAll(commandPrefix);
    List<String> options = new ArrayList<>(jvmOptions);
    options.addAll(cap.jvmOptions());
    return withCommandPrefix(prefix).withJvmOptions(options);
  }

  /**
   * As this, with memory that goes back to the system as soon as libtorch frees it. A step whose
   * blocks are computed again would otherwise leave half of its memory in holes too small for the
   * next block; it takes a tenth longer.
   */
  public WorkerLaunch givingMemoryBack() {
    List<String> prefix = new ArrayList<>(GIVING_MEMORY_BACK);
    prefix.addAll(commandPrefix);
    return withCommandPrefix(prefix);
  }

  ProcessBuilder processBuilder() {
    List<String> command = new ArrayList<>(commandPrefix);
    command.add(java.toString());
    command.addAll(jvmOptions);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Djava.awt.headless=true");
    command.add("-Dai.djl.offline=true");
    command.add("-Dai.djl.pytorch.num_threads=" + threads);
    command.add("-Dai.djl.pytorch.num_interop_threads=1");
    command.add("-Djava.io.tmpdir=" + workFolder.toAbsolutePath());
    command.add("-cp");
    command.add(absolute(classPath));
    command.add(mainClass);
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> inherited = new LinkedHashMap<>();
    for (String name : INHERITED) {
      String value = System.getenv(name);
      if (value != null) {
        inherited.put(name, value);
      }
    }
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.putAll(inherited);
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("DJL_OFFLINE", "true");
    environment.put("OPT_OUT_TRACKING", "true");
    // Read when libgomp is loaded, before any Java code could set it: spinning threads make an
    // oversubscribed machine several times slower.
    environment.put("OMP_WAIT_POLICY", "passive");
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    builder.directory(workFolder.toFile());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder;
  }

  /** The worker starts in another folder, where relative entries would mean something else. */
  private static String absolute(String classPath) {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, entries);
  }
}
