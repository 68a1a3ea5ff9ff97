package org.skerry.node.serve;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.skerry.node.serve.CallException.Code;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Answers as JSON, and failures in the form in which each dialect's clients look for them. */
final class Answers {
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private Answers() {}

  static HttpResponse ok(Object value) {
    return json(ResponseHeaders.builder(HttpStatus.OK), value);
  }

  static HttpResponse json(ResponseHeadersBuilder headers, Object value) {
    return HttpResponse.of(
        headers.contentType(MediaType.JSON).build(), HttpData.wrap(bytes(value)));
  }

  static HttpResponse png(byte[] png) {
    return HttpResponse.of(HttpStatus.OK, MediaType.PNG, HttpData.wrap(png));
  }

  static byte[] bytes(Object value) {
    return JSON.writeValueAsBytes(value);
  }

  static String text(Object value) {
    return JSON.writeValueAsString(value);
  }

  /** OpenAI's form. */
  private record OpenAiError(OpenAiDetail error) {}

  private record OpenAiDetail(String message, String type, @Nullable String param, String code) {}

  /** The form of FastAPI, on which AUTOMATIC1111 stands. */
  private record FastApiError(Object detail) {}

  private record FastApiDetail(List<String> loc, String msg, String type) {}

  /** Ours. */
  private record NativeError(NativeDetail error) {}

  private record NativeDetail(
      String code,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String field,
      String message) {}

  /** What a caller of {@code path} gets to read. */
  static HttpResponse failure(String path, CallException failure) {
    return switch (dialect(path)) {
      case OPENAI -> of(failure, failure.code().status(), openAi(failure));
      case SDAPI -> {
        boolean field = failure.field() != null && failure.code() == Code.INVALID_REQUEST;
        yield of(failure, field ? 422 : failure.code().status(), fastApi(failure));
      }
      case NATIVE ->
          of(
              failure,
              failure.code().status(),
              new NativeError(
                  new NativeDetail(failure.code().text(), failure.field(), failure.line())));
    };
  }

  static Job.Dialect dialect(String path) {
    if (path.startsWith("/v1/")) {
      return Job.Dialect.OPENAI;
    }
    return path.startsWith("/sdapi/") ? Job.Dialect.SDAPI : Job.Dialect.NATIVE;
  }

  private static OpenAiError openAi(CallException failure) {
    String type =
        switch (failure.code()) {
          case WRONG_TOKEN -> "authentication_error";
          case QUEUE_FULL -> "rate_limit_error";
          case STOPPING, FAILED, CANCELLED -> "server_error";
          case INVALID_REQUEST,
              FORBIDDEN,
              NOT_FOUND,
              MODEL_NOT_FOUND,
              METHOD_NOT_ALLOWED,
              CONFLICT,
              TOO_LARGE ->
              "invalid_request_error";
        };
    return new OpenAiError(
        new OpenAiDetail(failure.line(), type, failure.field(), failure.code().text()));
  }

  private static FastApiError fastApi(CallException failure) {
    @Nullable String field = failure.field();
    return field == null
        ? new FastApiError(failure.line())
        : new FastApiError(
            List.of(new FastApiDetail(List.of("body", field), failure.line(), "value_error")));
  }

  private static HttpResponse of(CallException failure, int status, Object value) {
    ResponseHeadersBuilder headers = ResponseHeaders.builder(HttpStatus.valueOf(status));
    if (failure.retryAfterSeconds() > 0) {
      headers.setLong(HttpHeaderNames.RETRY_AFTER, failure.retryAfterSeconds());
    }
    if (failure.code() == Code.WRONG_TOKEN) {
      headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    return json(headers, value);
  }

  /** The failure that an HTTP status means which no endpoint gave. */
  static CallException ofStatus(HttpStatus status) {
    return switch (status.code()) {
      case 404 -> new CallException(Code.NOT_FOUND, "no such call", "read /openapi.json");
      case 405 ->
          new CallException(
              Code.METHOD_NOT_ALLOWED, "this call has another method", "read /openapi.json");
      case 503 -> CallException.later(Code.STOPPING, "the server is stopping", 10);
      default ->
          new CallException(
              status.isServerError() ? Code.FAILED : Code.INVALID_REQUEST,
              "HTTP says " + status.reasonPhrase().toLowerCase(Locale.ROOT),
              "read /openapi.json");
    };
  }
}
