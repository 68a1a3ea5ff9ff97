package org.skerry.node.serve;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.Objects;

/** A call that has arrived whole. */
record Call(ServiceRequestContext context, AggregatedHttpRequest request) {
  /** Its body. */
  Fields fields() throws CallException {
    return Fields.parse(request.content().array());
  }

  /** What stands in its path for {@code {name}}. */
  String path(String name) {
    return Objects.requireNonNullElse(context.pathParam(name), "");
  }

  boolean asks(String parameter) {
    return "true".equals(context.queryParam(parameter));
  }

  /** Where its caller reaches this server, as {@code http://host:port}. */
  String origin() {
    return "http://" + Objects.requireNonNullElse(request.authority(), "");
  }

  /** Waits for a job that nobody needs any more when the caller hangs up. */
  Job.View await(Job job) throws InterruptedException {
    context.clearRequestTimeout();
    var _ = context.whenRequestCancelled().thenRun(job::cancel);
    return job.awaitEnd();
  }
}
