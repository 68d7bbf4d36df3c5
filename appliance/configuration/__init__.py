"""From YAML to Settings: reading, understanding and describing what an operator writes."""
