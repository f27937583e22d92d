/** The environment asks for something that cannot be: the message is for the person who set it. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
