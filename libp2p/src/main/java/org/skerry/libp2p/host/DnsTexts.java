package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;

/** TXT records (RFC 1035, section 3.3.14), asked of name servers over UDP, or TCP for long ones. */
final class DnsTexts implements TextRecords {
  private static final int TIMEOUT_MILLIS = 3_000;

  private final EventLoops loops;
  private final DnsServerAddressStreamProvider servers;

  DnsTexts(EventLoops loops, DnsServerAddressStreamProvider servers) {
    this.loops = loops;
    this.servers = servers;
  }

  /** Asks the servers that the system asks. */
  static DnsTexts ofSystem(EventLoops loops) {
    return new DnsTexts(loops, DnsServerAddressStreamProviders.platformDefault());
  }

  @Override
  public List<String> lookUp(String name) throws Libp2pException {
    try (DnsNameResolver resolver =
        new DnsNameResolverBuilder(loops.group().next())
            .datagramChannelType(loops.sockets().datagrams())
            .socketChannelType(loops.sockets().connected())
            .nameServerProvider(servers)
            .queryTimeoutMillis(TIMEOUT_MILLIS)
            .maxQueriesPerResolve(2)
            .build()) {
      Future<List<DnsRecord>> asked =
          resolver
              .resolveAll(new DefaultDnsQuestion(name, DnsRecordType.TXT))
              .awaitUninterruptibly();
      if (!asked.isSuccess()) {
        throw new Libp2pException(
            Reason.UNREACHABLE,
            "the name " + name + " does not resolve: " + asked.cause().getMessage(),
            asked.cause());
      }
      List<DnsRecord> records = asked.getNow();
      try {
        return records.stream()
            .filter(record -> record.type().equals(DnsRecordType.TXT))
            .filter(DnsRawRecord.class::isInstance)
            .map(record -> text(((DnsRawRecord) record).content()))
            .toList();
      } finally {
        records.forEach(ReferenceCountUtil::release);
      }
    }
  }

  /** The strings of one record, one behind the other; one that is cut off ends it. */
  static String text(ByteBuf content) {
    List<String> strings = new ArrayList<>();
    while (content.isReadable()) {
      int size = Math.min(content.readUnsignedByte(), content.readableBytes());
      strings.add(content.readCharSequence(size, StandardCharsets.UTF_8).toString());
    }
    return String.join("", strings);
  }
}
