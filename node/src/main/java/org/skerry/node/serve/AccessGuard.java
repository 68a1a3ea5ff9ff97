package org.skerry.node.serve;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets through what {@link AccessRules} allow, before any of a body is read, and answers the
 * questions that browsers ask before a page may call another server (CORS, WHATWG Fetch, section
 * 3.3).
 */
final class AccessGuard implements DecoratingHttpServiceFunction {
  /** Seconds for which a browser need not ask again. */
  private static final long ALLOWED_SECONDS = 600;

  private static final Pattern HEADER_NAMES = Pattern.compile("[A-Za-z0-9, _-]{1,1000}");

  private final AccessRules rules;
  private final Predicate<ServiceRequestContext> open;

  /**
   * @param open whether a call needs no secret
   */
  AccessGuard(AccessRules rules, Predicate<ServiceRequestContext> open) {
    this.rules = rules;
    this.open = open;
  }

  @Override
  public HttpResponse serve(HttpService next, ServiceRequestContext context, HttpRequest request)
      throws Exception {
    context.mutateAdditionalResponseHeaders(headers ->
        headers
            .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store"));
    RequestHeaders headers = request.headers();
    @Nullable String origin = headers.get(HttpHeaderNames.ORIGIN);
    boolean asking =
        request.method() == HttpMethod.OPTIONS
            && origin != null
            && headers.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    Optional<CallException> refusal =
        rules.refusal(
            request.authority(),
            origin,
            headers.get(HttpHeaderNames.AUTHORIZATION),
            asking || open.test(context));
    if (refusal.isPresent()) {
      return Answers.failure(request.path(), refusal.get());
    }
    if (origin != null) {
      context.mutateAdditionalResponseHeaders(answer ->
          answer
              .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
              .set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, "Location, Retry-After")
              .set(HttpHeaderNames.VARY, "Origin"));
    }
    return asking ? allowed(headers) : next.serve(context, request);
  }

  private static HttpResponse allowed(RequestHeaders asked) {
    var answer =
        ResponseHeaders.builder(HttpStatus.NO_CONTENT)
            .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE")
            .setLong(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, ALLOWED_SECONDS);
    @Nullable String names = asked.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
    if (names != null && HEADER_NAMES.matcher(names).matches()) {
      answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    return HttpResponse.of(answer.build());
  }
}
