package org.skerry.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.skerry.dht.Kademlia;
import org.skerry.dht.Operation;

/** The arrows of docs/ARCHITECTURE.md, over the classes of all modules. */
@AnalyzeClasses(
    packages = "org.skerry",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WithoutTestJars.class})
class ArchitectureTest {
  /** A reactor build puts other modules' test classes on the path as well. */
  static final class WithoutTestJars implements ImportOption {
    @Override
    public boolean includes(com.tngtech.archunit.core.importer.Location location) {
      return !location.contains("-tests.jar") && !location.contains("/test-classes/");
    }
  }

  @ArchTest
  static final ArchRule arrowsPointDownOnly =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("libp2p")
          .definedBy("org.skerry.libp2p..")
          .layer("dht")
          .definedBy("org.skerry.dht..")
          .layer("board")
          .definedBy("org.skerry.board..")
          .layer("transfer")
          .definedBy("org.skerry.transfer..")
          .layer("diffusion")
          .definedBy("org.skerry.diffusion..")
          .layer("trainer")
          .definedBy("org.skerry.trainer..")
          .layer("router")
          .definedBy("org.skerry.router..")
          .layer("node")
          .definedBy("org.skerry.node..")
          .whereLayer("node")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("router")
          .mayOnlyBeAccessedByLayers("node")
          .whereLayer("trainer")
          .mayOnlyBeAccessedByLayers("node", "router")
          .whereLayer("diffusion")
          .mayOnlyBeAccessedByLayers("node", "router", "trainer")
          .whereLayer("board")
          .mayOnlyBeAccessedByLayers("node")
          .whereLayer("dht")
          .mayOnlyBeAccessedByLayers("node", "board")
          .whereLayer("transfer")
          .mayOnlyBeAccessedByLayers("node")
          .whereLayer("libp2p")
          .mayOnlyBeAccessedByLayers("node", "board", "dht", "transfer");

  @ArchTest
  static final ArchRule networkSideKnowsNoTensor =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.skerry.libp2p..",
              "org.skerry.dht..",
              "org.skerry.board..",
              "org.skerry.transfer..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule tensorSideKnowsNoNetwork =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.skerry.diffusion..", "org.skerry.trainer..", "org.skerry.router..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..", "java.net..", "com.linecorp..", "org.rocksdb..");

  /** The daemon must survive whatever libtorch does, so it must never load it. */
  @ArchTest
  static final ArchRule onlyWhatRunsInTheWorkerTouchesTensors =
      noClasses()
          .that()
          .resideInAPackage("org.skerry.node..")
          .and()
          .resideOutsideOfPackages(
              "org.skerry.node.worker..", "org.skerry.node.ensemble..", "org.skerry.node.study..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  /** What a simulation drives must be driven by its clock, and by it alone. */
  @ArchTest
  static final ArchRule coresKnowNoThreadClockSocketOrFile =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.skerry.dht.limit..",
              "org.skerry.dht.record..",
              "org.skerry.dht.routing..",
              "org.skerry.board.claim..",
              "org.skerry.board.merge..")
          .or()
          .areAssignableTo(Operation.class)
          .or()
          .areAssignableTo(Kademlia.class)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(InstantSource.class, "system")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Executor.class)
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.net.Socket")
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "org.rocksdb..");

  @ArchTest
  static final ArchRule packagesAreNamedByFeature =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..impl..");

  @ArchTest
  static final ArchRule implementationsAreNamedByWhatDiffers =
      noClasses().should().haveSimpleNameEndingWith("Impl");

  @ArchTest
  static final ArchRule commandLineStaysInItsPackage =
      classes()
          .that()
          .areAnnotatedWith("picocli.CommandLine$Command")
          .should()
          .resideInAPackage("org.skerry.node.cli..");

  @ArchTest
  static final ArchRule packagesOfTheNodeHaveNoCycles =
      slices().matching("org.skerry.node.(*)..").should().beFreeOfCycles();
}
